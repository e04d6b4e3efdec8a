"""Rules for all lists of the admin: few filters, exact look-ups, pages of a long table, and a record of actions."""

import json
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import BadRequest
from django.core.paginator import Page, Paginator
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from .endpoints import parse_json
from .logs import get_logger

log = get_logger(__name__)

# What the links of the admin's own filters are made of.
FILTER_LOOKUPS = ("", "__exact", "__id__exact", "__isnull", "__isempty", "__gte", "__lt")
BATCH = 100
ACTION_SECONDS = 20  # for an action on many rows; a server ends a request after half a minute
ESTIMATED_FROM = 100_000


class LongTablePaginator(Paginator):
    """Pages of a table of millions: long tables are not counted, and only the rows of the page are read."""

    @cached_property
    def count(self) -> int:
        """From PostgreSQL's statistics if the whole of a long table is listed, which is wrong by a few per cent at
        most; else exact.
        """
        estimate = 0
        if not self.object_list.query.where and connections[self.object_list.db].vendor == "postgresql":
            estimate = _rows_by_statistics(self.object_list)
        return estimate if estimate >= ESTIMATED_FROM else int(super().count)

    def page(self, number: Any) -> Page:
        """Finds the keys first, in an index, because an OFFSET would join and read every row that it skips."""
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        keys = list(self.object_list.values_list("pk", flat=True)[bottom : bottom + self.per_page])
        return self._get_page(self.object_list.filter(pk__in=keys), number, self)


def _rows_by_statistics(rows: QuerySet) -> int:
    with connections[rows.db].cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table])
        (estimate,) = cursor.fetchone()
    return int(estimate)


def one_of(values: Sequence[str]) -> type[admin.AllValuesFieldListFilter]:
    """A filter for a column whose values are known. Django's own reads the whole table to find them."""

    class KnownValuesFilter(admin.AllValuesFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.lookup_choices = list(values)

    return KnownValuesFilter


class GuardedAdmin(admin.ModelAdmin):
    """A ModelAdmin that is safe with strangers' input and fast with tables of millions of rows."""

    paginator = LongTablePaginator
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allows only the look-ups of `list_filter`. Others could read any column letter by letter, even a secret."""
        filters = [entry[0] if isinstance(entry, (tuple, list)) else entry for entry in self.list_filter]
        return lookup in {f"{column}{end}" for column in filters for end in FILTER_LOOKUPS}

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase | None:
        selected = request.POST.getlist(admin.helpers.ACTION_CHECKBOX_NAME)
        if not all(key.isascii() and key.isdigit() and len(key) < 19 for key in selected):
            raise BadRequest("No row has such a key.")
        return super().response_action(request, *args, **kwargs)

    def note(self, request: HttpRequest, rows: Sequence[Any], done: str, named: str) -> None:
        """Records an action with its user in the rows' histories and in the log.

        `named` is what a log line calls a row: `delivery_id`, for example.
        """
        LogEntry.objects.log_actions(request.user.pk, rows, CHANGE, done)
        for row in rows:
            log.info("admin_action", done=done, user=request.user.get_username(), **{named: str(row)})


def in_batches(rows: QuerySet, seconds: float = ACTION_SECONDS) -> Iterator[list[Any]]:
    """The rows of a query in batches, in the order of their keys, even if they change meanwhile.

    The last batch is empty once the time is over and rows are left.
    """
    rows, last, ends_at = rows.order_by("pk"), 0, time.monotonic() + seconds
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        if time.monotonic() > ends_at:
            yield []
            return
        yield batch
        last = batch[-1].pk


class StrictDecoder(json.JSONDecoder):
    """Makes a form's JSONField accept the same JSON as the API's parser."""

    def decode(self, text: str, *args: Any) -> Any:
        try:
            value = parse_json(text)
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # a page cannot show a lone surrogate
        except ValueError as error:
            raise json.JSONDecodeError("not what the API takes", "", 0) from error
        return value


admin.site.unregister([User, Group])


@admin.register(User)
class GuardedUserAdmin(GuardedAdmin, UserAdmin):
    """Django's own."""


@admin.register(Group)
class GuardedGroupAdmin(GuardedAdmin, GroupAdmin):
    """Django's own."""
