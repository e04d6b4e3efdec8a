import json
from decimal import Decimal, InvalidOperation

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .fees import PROVIDERS, fee_lines
from .models import Payment


def as_json(payment):
    return {
        "id": payment.pk,
        "provider": payment.provider,
        "kind": payment.kind,
        "amount": str(payment.amount),
        "currency": payment.currency,
        "fees": [{"label": label, "amount": str(fee)} for label, fee in fee_lines(payment)],
        "fee_total": str(payment.fee_total),
    }


@csrf_exempt
@require_POST
def create_payment(request):
    data = json.loads(request.body)
    try:
        payment = Payment(
            provider=data["provider"],
            kind=data.get("kind", Payment.PAYMENT),
            amount=Decimal(data["amount"]),
            currency=data["currency"],
            card_country=data.get("card_country", ""),
        )
        payment.fee_total = sum((fee for _, fee in fee_lines(payment)), Decimal("0.00"))
    except (KeyError, InvalidOperation, ValueError) as error:
        return JsonResponse({"error": str(error)}, status=400)
    payment.save()
    return JsonResponse(as_json(payment), status=201)


@require_GET
def show_payment(request, pk):
    return JsonResponse(as_json(get_object_or_404(Payment, pk=pk)))


@require_GET
def list_providers(request):
    """For the merchants' settings page: the providers, and which of them take chargebacks."""
    providers = [{"name": name, "chargebacks": "chargeback" in kinds} for name, kinds in sorted(PROVIDERS.items())]
    return JsonResponse({"providers": providers})
