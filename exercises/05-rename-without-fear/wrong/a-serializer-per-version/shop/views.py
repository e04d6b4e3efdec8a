from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework import generics
from rest_framework.decorators import api_view
from rest_framework.response import Response

from .models import Cart, Product, SoldOut
from .v1.serializers import CartSerializer, ProductSerializer, WishSerializer


class ProductList(generics.ListCreateAPIView):
    """Partners list products; the warehouse adds them."""

    serializer_class = ProductSerializer

    def get_queryset(self):
        products = Product.objects.order_by("sku")
        return products.orderable() if "orderable" in self.request.query_params else products


class ProductDetail(generics.RetrieveUpdateAPIView):
    """The warehouse corrects the numbers here after counting."""

    queryset = Product.objects.all()
    serializer_class = ProductSerializer


class CartList(generics.CreateAPIView):
    serializer_class = CartSerializer


class CartDetail(generics.RetrieveAPIView):
    queryset = Cart.objects.prefetch_related("lines__product")
    serializer_class = CartSerializer


@api_view(["POST"])
def add_line(request, pk):
    cart = get_object_or_404(Cart, pk=pk, ordered=False)
    wish = WishSerializer(data=request.data)
    wish.is_valid(raise_exception=True)
    product, quantity = get_object_or_404(Product, sku=wish.validated_data["sku"]), wish.validated_data["quantity"]
    if product.available is not None and product.available < quantity:
        return Response({"error": f"{product.available} of {product.sku} are left"}, status=409)
    cart.lines.create(product=product, quantity=quantity)
    return Response(CartSerializer(cart).data, status=201)


@api_view(["POST"])
def order_cart(request, pk):
    try:
        with transaction.atomic():
            cart = get_object_or_404(Cart.objects.select_for_update(), pk=pk, ordered=False)
            for line in cart.lines.select_related("product"):
                line.product.take(line.quantity)
            cart.ordered = True
            cart.save(update_fields=["ordered"])
    except SoldOut as error:
        return Response({"error": str(error)}, status=409)
    return Response(CartSerializer(cart).data)
