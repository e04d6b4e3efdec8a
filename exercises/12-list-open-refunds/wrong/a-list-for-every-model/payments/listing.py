"""Lists for support. A table describes each list: its source, its columns and its filters."""

from datetime import datetime
from decimal import Decimal

from django.http import JsonResponse
from django.views.decorators.http import require_GET

from .models import Refund

LISTS = {
    "open-refunds": {
        "name": "refunds",
        "from": Refund.objects.filter(status__in=Refund.OPEN),
        "with": ["payment__merchant"],
        "order": ["requested_at", "pk"],
        "columns": {
            "id": "pk",
            "merchant": "payment.merchant.name",
            "provider": "payment.provider",
            "amount": "amount",
            "currency": "payment.currency",
            "requested_at": "requested_at",
        },
        "filters": {"provider": "payment__provider"},
        "sorts": {"merchant": "payment__merchant__name", "amount": "amount"},
    },
}


def value_of(row, path):
    for name in path.split("."):
        row = getattr(row, name)
    return row


def shown(value):
    """A value in the format of the lists."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.isoformat()
    return value


class Listing:
    """One list, as its table describes it."""

    def __init__(self, table):
        self.table = table

    def rows(self, picked):
        rows = self.table["from"].all()
        for name, path in self.table["filters"].items():
            if picked.get(name):
                rows = rows.filter(**{path: picked[name]})
        return rows.select_related(*self.table["with"]).order_by(*self.order(picked.get("sort", "")))

    def order(self, sort):
        """The order of `?sort=amount` or `?sort=-amount`, or else the order of the table."""
        path = self.table["sorts"].get(sort.lstrip("-"))
        if path is None:
            return self.table["order"]
        return ["-" + path if sort.startswith("-") else path, *self.table["order"]]

    def as_json(self, row):
        return {name: shown(value_of(row, path)) for name, path in self.table["columns"].items()}

    def response(self, request):
        rows = [self.as_json(row) for row in self.rows(request.GET)]
        return JsonResponse({self.table["name"]: rows})


def listing(name):
    """The view of a list."""
    return require_GET(Listing(LISTS[name]).response)
