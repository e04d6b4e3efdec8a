import json

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .checkout import Refused, place_order
from .models import Book, Cart, CartLine, Order


@csrf_exempt
@require_POST
def create_cart(request):
    cart = Cart.objects.create()
    for line in json.loads(request.body)["lines"]:
        CartLine.objects.create(cart=cart, book_id=line["book"], quantity=line["quantity"])
    return JsonResponse({"id": cart.pk}, status=201)


@csrf_exempt
@require_POST
def checkout(request):
    try:
        data = json.loads(request.body)
        cart_id, email, country = int(data["cart"]), data["email"], data["country"]
    except (KeyError, TypeError, ValueError):
        return JsonResponse({"error": "cart, email and country are needed"}, status=400)
    try:
        order = place_order(cart_id=cart_id, email=email, country=country, voucher_code=data.get("voucher"))
    except Cart.DoesNotExist:
        return JsonResponse({"error": "there is no such cart"}, status=404)
    except Refused as refusal:
        return JsonResponse({"error": str(refusal)}, status=409)
    return JsonResponse(as_json(order), status=201)


@require_GET
def show_order(request, pk):
    return JsonResponse(as_json(get_object_or_404(Order, pk=pk)))


@require_GET
def show_book(request, pk):
    book = get_object_or_404(Book, pk=pk)
    return JsonResponse({"id": book.pk, "title": book.title, "price": str(book.price), "stock": book.stock})


def as_json(order):
    return {
        "id": order.pk,
        "lines": [f"{line.quantity} × {line.title}" for line in order.lines.all()],
        "voucher": str(order.voucher),
        "shipping": str(order.shipping),
        "total": str(order.total),
    }
