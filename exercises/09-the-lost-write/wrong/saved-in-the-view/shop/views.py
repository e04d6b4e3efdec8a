import json

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from . import stock
from .models import Book
from .repository import DjangoItems


@csrf_exempt
@require_POST
def add_book(request):
    data = json.loads(request.body)
    Book.objects.create(**{name: data[name] for name in ("sku", "title", "price", "on_hand")})
    return JsonResponse({"sku": data["sku"]}, status=201)


@require_GET
def show_book(request, sku):
    book = get_object_or_404(Book, sku=sku)
    return JsonResponse(
        {"title": book.title, "price": str(book.price), "on_hand": book.on_hand, "reserved": book.reserved}
    )


@csrf_exempt
@require_POST
def reserve_book(request, sku):
    return _answer(request, sku, stock.reserve)


@csrf_exempt
@require_POST
def release_book(request, sku):
    return _answer(request, sku, stock.release)


def _answer(request, sku, use_case):
    try:
        item = use_case(DjangoItems(), sku, int(json.loads(request.body)["quantity"]))
    except stock.UnknownItem as error:
        return JsonResponse({"error": str(error)}, status=404)
    except stock.NotEnough as error:
        return JsonResponse({"error": str(error)}, status=409)
    Book.objects.filter(sku=item.sku).update(reserved=item.reserved)
    return JsonResponse({"sku": item.sku, "reserved": item.reserved, "available": item.available})
