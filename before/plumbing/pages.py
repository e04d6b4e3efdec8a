"""Cursor pages over the primary key, which only grows: equal timestamps neither loop nor hide rows."""

import re
from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs

from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from .problems import Invalid

LARGEST_KEY = 2**63 - 1
BAD_CURSOR = "cursor: take it from a page's next or previous."


class NewestFirst(CursorPagination):
    """`{next, previous, results}` with relative URLs; a bad `limit` or `cursor` is an error, not a default."""

    ordering = "-id"
    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"

    def get_page_size(self, request: Request) -> int:
        limit = request.query_params.get("limit")
        if limit is None:
            return self.page_size
        if not re.fullmatch(r"[0-9]{1,3}", limit) or not 1 <= int(limit) <= self.max_page_size:
            raise Invalid(f"limit: a number from 1 to {self.max_page_size} was expected.")
        return int(limit)

    def decode_cursor(self, request: Request) -> Cursor | None:
        encoded = request.query_params.get(self.cursor_query_param)
        if encoded is None:
            return None
        try:
            query = b64decode(encoded.encode("ascii"), validate=True).decode("ascii")
            tokens = {name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()}
            offset, position = int(tokens.get("o", 0)), int(tokens.get("p", 0))
        except ValueError as error:
            raise Invalid(BAD_CURSOR) from error
        if (
            not tokens
            or not 0 <= offset <= self.offset_cutoff
            or not 0 <= position <= LARGEST_KEY
            or not set(tokens) <= set("opr")
        ):
            raise Invalid(BAD_CURSOR)
        return Cursor(offset=offset, reverse="r" in tokens, position=tokens.get("p"))

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        page: list[Any] | None = super().paginate_queryset(queryset, request, view)
        self.base_url = request.get_full_path()  # so that the links are relative
        return page

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == "limit":
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": 50}
        return parameters

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "description": "A relative URL, or null if there is no such page."}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }
