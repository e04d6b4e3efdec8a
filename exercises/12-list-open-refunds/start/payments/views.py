import json
from decimal import Decimal, InvalidOperation

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .models import Merchant, Payment, Refund


def amount_of(data):
    """The amount in a request. Raises ValueError for a bad amount."""
    try:
        amount = Decimal(str(data["amount"]))
    except (KeyError, InvalidOperation):
        raise ValueError("amount: a number, as a text") from None
    if not amount.is_finite() or amount <= 0:
        raise ValueError("amount: more than nothing")
    return amount


@csrf_exempt
@require_POST
def create_payment(request):
    data = json.loads(request.body)
    try:
        if data["provider"] not in Payment.PROVIDERS:
            raise ValueError(f"no provider {data['provider']!r}")
        merchant, _ = Merchant.objects.get_or_create(name=data["merchant"])
        payment = Payment.objects.create(
            merchant=merchant, provider=data["provider"], amount=amount_of(data), currency=data["currency"]
        )
    except (KeyError, ValueError) as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse(payment_as_json(payment), status=201)


@require_GET
def show_payment(request, pk):
    return JsonResponse(payment_as_json(get_object_or_404(Payment, pk=pk)))


@csrf_exempt
@require_POST
def create_refund(request, pk):
    payment = get_object_or_404(Payment, pk=pk)
    try:
        amount = amount_of(json.loads(request.body))
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    if amount > payment.refundable():
        return JsonResponse({"error": f"only {payment.refundable()} can be given back"}, status=409)
    refund = payment.refunds.create(amount=amount)
    return JsonResponse({"id": refund.pk, "status": refund.status}, status=201)


@csrf_exempt
@require_POST
def take_statement(request):
    """A provider's nightly report about refunds: {"settled": [ids], "failed": [ids], "sent": [ids]}."""
    data = json.loads(request.body)
    for status in (Refund.SENT, Refund.SETTLED, Refund.FAILED):
        Refund.objects.filter(pk__in=data.get(status, []), status__in=Refund.OPEN).update(status=status)
    return JsonResponse({"taken": True})


def payment_as_json(payment):
    return {
        "id": payment.pk,
        "merchant": payment.merchant.name,
        "provider": payment.provider,
        "amount": f"{payment.amount:.2f}",
        "currency": payment.currency,
        "refunds": [
            {"id": refund.pk, "amount": f"{refund.amount:.2f}", "open": refund.is_open}
            for refund in payment.refunds.order_by("pk")
        ],
    }
