from django import forms

from .models import Line, Order


class OrderForm(forms.ModelForm):
    """The fields of an order that a customer fills in. Each line has its own form."""

    gift_note = forms.CharField(required=False)

    class Meta:
        model = Order
        fields = ["email", "shipping", "voucher", "gift_note"]

    def clean_gift_note(self):
        return self.cleaned_data["gift_note"][:200]


class LineForm(forms.ModelForm):
    class Meta:
        model = Line
        fields = ["product", "quantity"]
