from django import forms

from .models import Line, Order


class OrderForm(forms.ModelForm):
    """The fields of an order that a customer fills in. Each line has its own form."""

    class Meta:
        model = Order
        fields = ["email", "shipping", "voucher", "gift_note"]


class LineForm(forms.ModelForm):
    class Meta:
        model = Line
        fields = ["product", "quantity"]
