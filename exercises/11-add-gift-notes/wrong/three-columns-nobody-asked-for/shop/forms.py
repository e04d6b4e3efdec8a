from django import forms

from .models import Line, Order


class OrderForm(forms.ModelForm):
    """The fields of an order that a customer fills in. Each line has its own form."""

    class Meta:
        model = Order
        fields = ["email", "shipping", "voucher", "gift_note", "gift_from", "gift_to", "gift_wrapping"]

    def clean_gift_wrapping(self):
        return self.cleaned_data.get("gift_wrapping") or "none"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["gift_wrapping"].required = False


class LineForm(forms.ModelForm):
    class Meta:
        model = Line
        fields = ["product", "quantity"]
