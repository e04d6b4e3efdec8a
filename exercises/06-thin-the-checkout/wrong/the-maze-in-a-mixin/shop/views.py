import json

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .checkout_mixin import CheckoutMixin, as_json
from .models import Book, Cart, CartLine, Order


@csrf_exempt
@require_POST
def create_cart(request):
    cart = Cart.objects.create()
    for line in json.loads(request.body)["lines"]:
        CartLine.objects.create(cart=cart, book_id=line["book"], quantity=line["quantity"])
    return JsonResponse({"id": cart.pk}, status=201)


@method_decorator(csrf_exempt, name="dispatch")
class Checkout(CheckoutMixin, View):
    def post(self, request):
        return self.place_order()


checkout = Checkout.as_view()


@require_GET
def show_order(request, pk):
    return JsonResponse(as_json(get_object_or_404(Order, pk=pk)))


@require_GET
def show_book(request, pk):
    book = get_object_or_404(Book, pk=pk)
    return JsonResponse({"id": book.pk, "title": book.title, "price": str(book.price), "stock": book.stock})
