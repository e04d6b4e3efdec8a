"""The warehouse's list of items and their shelves. Two people read it and count."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.shortcuts import render


class Shelf(models.Model):
    name = models.CharField(max_length=20, unique=True)
    hall = models.CharField(max_length=20)


class Item(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.PROTECT)
    title = models.CharField(max_length=80)
    count = models.PositiveIntegerField(default=0)
    least = models.PositiveIntegerField(default=5)
    counted_at = models.DateTimeField(null=True)


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin):
    list_display = ["title", "shelf", "count", "least"]
    list_filter = ["shelf__hall", "shelf"]
    search_fields = ["title"]
    readonly_fields = ["counted_at"]


def show_items(request):
    items = Item.objects.select_related("shelf").order_by("shelf__name", "title")
    if hall := request.GET.get("hall"):
        items = items.filter(shelf__hall=hall)
    if request.GET.get("short"):
        items = items.filter(count__lt=models.F("least"))
    page = Paginator(items, 100).get_page(request.GET.get("page"))
    return render(request, "items.html", {"page": page})
