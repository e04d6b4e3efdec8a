from django import forms

from .models import Line, Order


class OrderForm(forms.ModelForm):
    """The fields of an order that a customer fills in. Each line has its own form."""

    class Meta:
        model = Order
        fields = ["email", "shipping", "voucher"]


class GiftNoteForm(forms.Form):
    gift_note = forms.CharField(max_length=200, required=False)


class LineForm(forms.ModelForm):
    class Meta:
        model = Line
        fields = ["product", "quantity"]
