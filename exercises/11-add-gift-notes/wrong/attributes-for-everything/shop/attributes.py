"""What orders can be given beside what they are: gift notes today, engravings and delivery slots tomorrow."""

from django import forms

from .models import OrderAttribute

ATTRIBUTES = {}


def attribute(name):
    """Registers a kind of attribute under the name that requests and invoices use."""

    def register(kind):
        ATTRIBUTES[name] = kind()
        return kind

    return register


class Attribute:
    """One kind: how it is validated, and what an invoice shows where an order has none."""

    empty = None

    def field(self):
        raise NotImplementedError

    def shown(self, value):
        return value


@attribute("gift_note")
class GiftNote(Attribute):
    empty = ""

    def field(self):
        return forms.CharField(max_length=200, required=False)


class AttributesForm(forms.Form):
    def __init__(self, data):
        super().__init__(data)
        self.fields.update({name: kind.field() for name, kind in ATTRIBUTES.items()})

    def save(self, order):
        for name, value in self.cleaned_data.items():
            if value != ATTRIBUTES[name].empty:
                OrderAttribute.objects.create(order=order, name=name, value=value)


def on_invoice(order):
    """Every known attribute of an order, by name."""
    given = dict(order.attributes.values_list("name", "value"))
    return {name: kind.shown(given.get(name, kind.empty)) for name, kind in ATTRIBUTES.items()}
