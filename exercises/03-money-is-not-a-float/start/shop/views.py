import json
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .invoice import invoice
from .models import Line, Order


@csrf_exempt
@require_POST
def create_order(request):
    data = json.loads(request.body)
    try:
        order = Order(
            currency=data["currency"],
            voucher=Decimal(data.get("voucher", "0")),
            instalments=max(1, int(data.get("instalments", 1))),
        )
        lines = [
            Line(order=order, title=line["title"], price=Decimal(line["price"]), quantity=int(line.get("quantity", 1)))
            for line in data["lines"]
        ]
    except (KeyError, TypeError, InvalidOperation, ValueError) as error:
        return JsonResponse({"error": str(error)}, status=400)
    with transaction.atomic():
        order.save()
        Line.objects.bulk_create(lines)
    return JsonResponse({"id": order.pk, **invoice(order)}, status=201)


@require_GET
def show_invoice(request, pk):
    return JsonResponse(invoice(get_object_or_404(Order, pk=pk)))
