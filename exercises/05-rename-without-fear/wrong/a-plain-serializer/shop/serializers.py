"""The API for partners and the warehouse. Their apps are in the app stores; we cannot change them."""

from rest_framework import serializers

from .models import Cart, Line, Product


class ProductInCartSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["id", "sku", "title", "price", "stock"]
        extra_kwargs = {"stock": {"source": "on_hand"}}


class ProductSerializer(serializers.Serializer):
    id = serializers.IntegerField(read_only=True)
    available = serializers.IntegerField(read_only=True)
    sku = serializers.CharField(max_length=20)
    title = serializers.CharField(max_length=80)
    price = serializers.DecimalField(max_digits=10, decimal_places=2)
    stock = serializers.IntegerField(
        source="on_hand", min_value=0, max_value=2**63 - 1, allow_null=True, required=False
    )

    def create(self, validated_data):
        return Product.objects.create(**validated_data)

    def update(self, instance, validated_data):
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save()
        return instance


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
