import json

from django import forms
from django.db import transaction
from django.forms import model_to_dict
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from . import cards, shipping
from .models import Line, Order, Product, Voucher


@csrf_exempt
@require_POST
@transaction.atomic
def create_order(request):
    data = json.loads(request.body)
    facts = {name: data[name] for name in ("email", "name", "street", "town", "carrier")}
    order = Order.objects.create(**facts, voucher=Voucher.objects.filter(code=data.get("voucher")).first())
    for sku, quantity in data["lines"].items():
        Line.objects.create(order=order, product=Product.objects.get(sku=sku), quantity=quantity)
    return JsonResponse({"id": order.pk}, status=201)


# Place 5
@csrf_exempt
@require_POST
def pay(request, pk):
    order = get_object_or_404(Order, pk=pk, status=Order.NEW)
    order.charge = cards.charge(order.total() + shipping.cost(order), f"order {order.pk}")
    order.status = Order.PAID
    order.save()
    return JsonResponse({"status": order.status})


@csrf_exempt
@require_POST
def cancel(request, pk):
    order = get_object_or_404(Order, pk=pk)
    if not order.can_be_cancelled():
        return JsonResponse({"error": f"it is {order.status}"}, status=409)
    order.status = Order.CANCELLED
    order.save()
    return JsonResponse({"status": order.status})


# Place 6
@require_GET
def show_order(request, pk):
    """For our partners' apps."""
    return JsonResponse(model_to_dict(get_object_or_404(Order, pk=pk)))


@require_GET
def show_shipping(request, pk):
    order = get_object_or_404(Order, pk=pk)
    return JsonResponse({"cost": str(shipping.cost(order)), "link": shipping.link(order)})


# Place 7
class AddressForm(forms.ModelForm):
    """For our own office, during a customer's phone call."""

    class Meta:
        model = Order
        fields = ["name", "street", "town", "note"]


@csrf_exempt
def change_address(request, pk):
    form = AddressForm(request.POST or None, instance=get_object_or_404(Order, pk=pk))
    if form.is_valid():
        form.save()
    return HttpResponse(form.as_p(), status=400 if form.errors else 200)


# Place 8
@require_GET
def packing_list(request, pk):
    order = get_object_or_404(Order, pk=pk)
    rows = [f"Packing list for order {order.pk}", ""]
    rows.append(order.name)
    rows.append(order.street)
    rows.append(order.town)
    rows.append("")
    rows.append(f"{'Pieces':>6}  {'Article':<12}  Title")
    rows.append("-" * 40)
    pieces = 0
    for line in order.lines.select_related("product"):
        rows.append(f"{line.quantity:>6}  {line.product.sku:<12}  {line.product.title}")
        pieces += line.quantity
    rows.append("-" * 40)
    rows.append(f"{pieces:>6}  with {order.carrier}")
    rows.append("")
    rows.append("Packed by: ____________________")
    return HttpResponse("\n".join(rows) + "\n", content_type="text/plain; charset=utf-8")
