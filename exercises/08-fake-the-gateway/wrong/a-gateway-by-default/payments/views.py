import json
from decimal import Decimal, InvalidOperation

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .capturing import Unavailable, capture_payment
from .models import Payment


def as_json(payment):
    names = ("reference", "currency", "state", "charge", "failure")
    return {"amount": str(payment.amount)} | {name: getattr(payment, name) for name in names}


@csrf_exempt
@require_POST
def create_payment(request):
    data = json.loads(request.body)
    try:
        payment = Payment.objects.create(
            reference=data["reference"], card=data["card"], amount=Decimal(data["amount"]), currency=data["currency"]
        )
    except (KeyError, InvalidOperation) as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse(as_json(payment), status=201)


@require_GET
def show_payment(request, reference):
    return JsonResponse(as_json(get_object_or_404(Payment, reference=reference)))


@csrf_exempt
@require_POST
def capture(request, reference):
    payment = get_object_or_404(Payment, reference=reference)
    try:
        capture_payment(payment)
    except Unavailable as error:
        return JsonResponse({"error": str(error)}, status=503)
    return JsonResponse(as_json(payment))
