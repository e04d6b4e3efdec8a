import json
from datetime import date
from decimal import Decimal, InvalidOperation

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .models import Payment
from .refunds import DAYS, NotRefundable, left_of, refund


def as_json(payment):
    facts = {name: str(getattr(payment, name)) for name in ("provider", "kind", "amount", "currency", "fee_total")}
    return {"id": payment.pk, **facts, "paid_on": payment.paid_on.isoformat()}


@csrf_exempt
@require_POST
def create_payment(request):
    """From the checkout, or from a bank's file that may be days late."""
    data = json.loads(request.body)
    try:
        payment = Payment(
            provider=data["provider"],
            amount=Decimal(data["amount"]),
            currency=data["currency"],
            paid_on=date.fromisoformat(data["paid_on"]) if "paid_on" in data else timezone.localdate(),
        )
        DAYS[payment.provider]
    except (KeyError, InvalidOperation, ValueError) as error:
        return JsonResponse({"error": str(error)}, status=400)
    payment.save()
    return JsonResponse(as_json(payment), status=201)


@require_GET
def show_payment(request, pk):
    payment = get_object_or_404(Payment, pk=pk)
    returns = [as_json(returned) for returned in payment.returns.order_by("pk")]
    return JsonResponse(as_json(payment) | {"left": str(left_of(payment)), "returns": returns})


@csrf_exempt
@require_POST
def create_refund(request, pk):
    payment = get_object_or_404(Payment, pk=pk)
    try:
        made = refund(payment, Decimal(json.loads(request.body)["amount"]), timezone.localdate())
    except NotRefundable as reason:
        return JsonResponse({"error": str(reason)}, status=409)
    except (KeyError, InvalidOperation, ValueError) as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse(as_json(made), status=201)


@csrf_exempt
@require_POST
def create_chargeback(request, pk):
    """A bank reports a chargeback; the service always accepts it."""
    payment = get_object_or_404(Payment, pk=pk)
    facts = {"original": payment, "provider": payment.provider, "currency": payment.currency}
    amount = Decimal(json.loads(request.body)["amount"])
    made = Payment.objects.create(kind=Payment.CHARGEBACK, amount=amount, paid_on=timezone.localdate(), **facts)
    return JsonResponse(as_json(made), status=201)
