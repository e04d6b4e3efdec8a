import json
from decimal import Decimal, InvalidOperation

from django.db import IntegrityError, transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .models import Outbox, Payment
from .providers import NAMES


def as_json(payment):
    return {
        "id": payment.pk,
        "kind": payment.kind,
        "provider": payment.provider,
        "amount": f"{payment.amount:.2f}",
        "currency": payment.currency,
        "status": payment.status,
    }


def facts_of(request):
    """The merchant's request as the fields of a payment. Raises ValueError for a bad request."""
    try:
        data = json.loads(request.body)
        facts = {name: str(data[name]) for name in ("provider", "currency", "card")}
        facts["amount"] = Decimal(data["amount"])
        if facts["provider"] not in NAMES or facts["amount"] <= 0:
            raise ValueError("no such provider, or no such amount")
    except (KeyError, TypeError, InvalidOperation) as error:
        raise ValueError(f"missing or wrong: {error}") from None
    return facts


@csrf_exempt
@require_POST
def create_payment(request):
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= 255:
        return JsonResponse({"error": "Idempotency-Key: 1 to 255 characters"}, status=400)
    try:
        facts = facts_of(request)
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    try:
        with transaction.atomic():
            payment = Payment.objects.create(idempotency_key=key, **facts)
            Outbox.objects.create(payment=payment)
    except IntegrityError:
        # The key is unique, so a second request, even a microsecond later, gets the first payment.
        payment = Payment.objects.get(idempotency_key=key)
    if any(getattr(payment, name) != value for name, value in facts.items()):
        return JsonResponse({"error": "this Idempotency-Key came with another body before"}, status=422)
    return JsonResponse(as_json(payment), status=201)


@csrf_exempt
@require_POST
def refund_payment(request, pk):
    payment = get_object_or_404(Payment, pk=pk, kind=Payment.PAYMENT, status=Payment.DONE)
    with transaction.atomic():
        refund = Payment.objects.create(
            kind=Payment.REFUND,
            provider=payment.provider,
            amount=payment.amount,
            currency=payment.currency,
            card=payment.card,
        )
        Outbox.objects.create(payment=refund)
    return JsonResponse(as_json(refund), status=201)


@require_GET
def show_payment(request, pk):
    return JsonResponse(as_json(get_object_or_404(Payment, pk=pk)))
