from django import forms

from .models import Line, Order

ON_THE_CARD = 200  # characters


class OrderForm(forms.ModelForm):
    """The fields of an order that a customer fills in. Each line has its own form."""

    gift_note = forms.CharField(max_length=ON_THE_CARD, required=False)

    class Meta:
        model = Order
        fields = ["email", "shipping", "voucher", "gift_note"]


class LineForm(forms.ModelForm):
    class Meta:
        model = Line
        fields = ["product", "quantity"]
