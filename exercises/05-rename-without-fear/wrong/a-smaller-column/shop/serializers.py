"""The API for partners and the warehouse. Their apps are in the app stores; we cannot change them."""

from rest_framework import serializers

from .models import Cart, Line, Product


class ProductSerializer(serializers.ModelSerializer):
    available = serializers.IntegerField(read_only=True)

    class Meta:
        model = Product
        fields = ["id", "available", "sku", "title", "price", "stock"]
        extra_kwargs = {"stock": {"source": "on_hand"}}


class ProductInCartSerializer(ProductSerializer):
    available = None  # a cart's product has never had it

    class Meta(ProductSerializer.Meta):
        fields = ["id", "sku", "title", "price", "stock"]


class LineSerializer(serializers.ModelSerializer):
    product = ProductInCartSerializer(read_only=True)  # the apps show the title without another request

    class Meta:
        model = Line
        fields = ["product", "quantity"]


class CartSerializer(serializers.ModelSerializer):
    lines = LineSerializer(many=True, read_only=True)

    class Meta:
        model = Cart
        fields = ["id", "currency", "voucher", "ordered", "lines"]
        read_only_fields = ["ordered"]


class WishSerializer(serializers.Serializer):
    """An app's request to put goods into a cart."""

    sku = serializers.CharField()
    quantity = serializers.IntegerField(min_value=1, max_value=999, default=1)
