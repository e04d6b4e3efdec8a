import json

from django.db import transaction
from django.db.models import F
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .forms import LineForm, OrderForm
from .models import Order, Product


class OutOfStock(Exception):
    """There are too few of a product: another customer bought the last one."""


@csrf_exempt
@require_POST
def create_order(request):
    data = json.loads(request.body)
    form = OrderForm({"shipping": Order.STANDARD, "voucher": 0} | data)
    lines = [LineForm({"quantity": 1} | line) for line in data.get("lines", [])]
    if not lines or not all(part.is_valid() for part in (form, *lines)):
        errors = form.errors | {"lines": [line.errors for line in lines]}
        return JsonResponse({"errors": errors}, status=400)
    try:
        with transaction.atomic():
            order = form.save()
            for line in lines:
                add_line(order, line)
    except OutOfStock as error:
        return JsonResponse({"errors": {"lines": [str(error)]}}, status=409)
    return JsonResponse({"id": order.pk, **order.invoice()}, status=201)


def add_line(order, form):
    """Take the goods out of stock and add them to the order."""
    line = form.save(commit=False)
    line.order, line.price = order, line.product.price
    left = Product.objects.filter(pk=line.product_id, stock__gte=line.quantity)
    if not left.update(stock=F("stock") - line.quantity):
        raise OutOfStock(f"There are not {line.quantity} of {line.product} left.")
    line.save()


@require_GET
def list_products(request):
    products = Product.objects.order_by("title").values("id", "title", "price", "stock")
    return JsonResponse({"products": list(products)})


@require_GET
def show_invoice(request, pk):
    order = get_object_or_404(Order, pk=pk)
    return JsonResponse({**order.invoice(), "gift_note": order.gift_note})
