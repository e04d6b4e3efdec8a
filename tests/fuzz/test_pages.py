"""Strangers and a superuser at the pages: whatever a query and a cookie hold, no answer is 500 and nothing changes."""

import os
from collections import Counter

import pytest
from pages import requests

from harness.http import Api

SEED = int(os.environ.get("SEED") or 1)
COUNT = 40 * int(os.environ.get("MAX_EXAMPLES") or 20)
HISTORY = ("clients_client", "clients_apikey", "webhooks_event", "webhooks_delivery", "webhooks_attempt", "auth_user")


def answers(api: Api, cookies: str, record_property) -> Counter[int]:
    met: Counter[int] = Counter()
    for target, cookie in requests(SEED, COUNT):
        # The signed-in cookies come last: of two with one name, the last one counts.
        sent = cookie + (b"; " + cookies.encode() if cookies else b"")
        met[api.get(target, headers=[("Cookie", sent)]).status] += 1
    shares = ", ".join(f"{count:,} × {status}" for status, count in sorted(met.items()))
    record_property("answers", f"{COUNT:,} requests, {shares}")
    return met


def state(database):
    return {table: database.rows(f"SELECT * FROM {table} ORDER BY id") for table in HISTORY}


@pytest.mark.parametrize("who", ["stranger", "superuser"])
def test_no_query_and_no_cookie_breaks_a_page(who, api, manage, rows, database, record_property):
    from admin_site import sign_in_superuser  # not sooner: pytest could no longer rewrite the harness

    cookies = ""
    if who == "superuser":
        cookies = "; ".join(f"{name}={value}" for name, value in sign_in_superuser(api, manage).cookies.items())
    before = state(database)

    met = answers(api.anonymous(), cookies, record_property)

    assert max(met) < 500
    assert met[200] > COUNT / 20
    assert state(database) == before
