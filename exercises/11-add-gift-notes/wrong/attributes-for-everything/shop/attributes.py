"""Additional attributes of orders: gift notes today, engravings and delivery slots later."""

from django import forms

from .models import OrderAttribute

ATTRIBUTES = {}


def attribute(name):
    """Register a kind of attribute under the name that requests and invoices use."""

    def register(kind):
        ATTRIBUTES[name] = kind()
        return kind

    return register


class Attribute:
    """A kind of attribute: its validation, and the default on an invoice."""

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
