from django.http import JsonResponse

from .prices import with_tax


def show_price(request, amount):
    return JsonResponse({"price": str(with_tax(amount))})
