from base64 import b64encode

import pytest
from django.utils import timezone

from clients.models import Client

from .conftest import pointers

BAD_CURSORS = [
    b"",
    b"p=1&x=2",
    b"p=one",
    b"p=-1",
    b"p=9223372036854775808",
    b"o=1001",
    b"o=-1",
    b"p",
    b"\xff=1",
]


@pytest.fixture
def five_clients(make_client):
    """Rows made at the same moment, which differ only in their keys."""
    for number in range(1, 6):
        make_client(slug=f"c{number}")
    Client.objects.update(created_at=timezone.now())


def slugs(page):
    return [client["slug"] for client in page["results"]]


def test_a_page_is_newest_first_and_links_to_the_next(operator, five_clients):
    page = operator.get("/v1/clients?limit=2").json()

    assert slugs(page) == ["c5", "c4"]
    assert page["previous"] is None
    assert page["next"].startswith("/v1/clients?")


def test_following_the_links_shows_every_row_once_in_both_directions(operator, five_clients):
    first = operator.get("/v1/clients?limit=2").json()
    second = operator.get(first["next"]).json()
    third = operator.get(second["next"]).json()

    assert slugs(first) + slugs(second) + slugs(third) == ["c5", "c4", "c3", "c2", "c1"]
    assert third["next"] is None
    assert slugs(operator.get(third["previous"]).json()) == ["c3", "c2"]
    assert slugs(operator.get(second["previous"]).json()) == ["c5", "c4"]


def test_a_row_that_comes_in_between_moves_no_page(operator, five_clients, make_client):
    first = operator.get("/v1/clients?limit=2").json()

    make_client(slug="c6")

    assert slugs(operator.get(first["next"]).json()) == ["c3", "c2"]


def test_the_links_keep_the_query(operator, five_clients):
    page = operator.get("/v1/clients?limit=2&colour=red").json()

    assert "colour=red" in page["next"]
    assert slugs(operator.get(page["next"]).json()) == ["c3", "c2"]


def test_a_page_has_50_rows_unless_a_limit_up_to_200_is_given(operator, make_client):
    make_client()
    Client.objects.bulk_create(
        Client(slug=f"c{number}", format_name="std_json", format_version=1) for number in range(201)
    )

    assert len(operator.get("/v1/clients").json()["results"]) == 50
    assert len(operator.get("/v1/clients?limit=200").json()["results"]) == 200


def assert_refused(response, name):
    assert response.status_code == 422
    assert pointers(response) == [""]
    assert name in response.json()["detail"]


def test_a_bad_limit_is_422(operator):
    for limit in ["0", "201", "-1", "ten", "", "2.0", "0002", "٢"]:
        assert_refused(operator.get("/v1/clients", {"limit": limit}), "limit")


def test_a_bad_cursor_is_422(operator):
    for cursor in ["", "%", "é", *(b64encode(query).decode() for query in BAD_CURSORS)]:
        assert_refused(operator.get("/v1/clients", {"cursor": cursor}), "cursor")
