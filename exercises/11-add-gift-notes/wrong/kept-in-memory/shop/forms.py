from django import forms

from .models import GIFT_NOTES, Line, Order


class OrderForm(forms.ModelForm):
    """The fields of an order that a customer fills in. Each line has its own form."""

    class Meta:
        model = Order
        fields = ["email", "shipping", "voucher"]

    gift_note = forms.CharField(max_length=200, required=False)

    def save(self, commit=True):
        order = super().save(commit)
        GIFT_NOTES[order.pk] = self.cleaned_data["gift_note"]
        return order


class LineForm(forms.ModelForm):
    class Meta:
        model = Line
        fields = ["product", "quantity"]
