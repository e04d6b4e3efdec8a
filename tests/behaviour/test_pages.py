"""Pages: clients, events and deliveries, newest first, by cursor; their filters; new rows between two pages."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.problems import assert_problem
from harness.receiver import Answer

LISTS = ["/v1/clients", "/v1/events", "/v1/deliveries"]


def key_of(row):
    return row.get("slug") or row["id"]


def page(api, target):
    response = api.get(target)
    assert response.status == 200, response.body
    document = response.json()
    assert set(document) == {"next", "previous", "results"}
    return document


def walk(api, target, direction="next"):
    """The pages from `target` on, as lists of slugs or ids. A walk that never ends fails."""
    pages = []
    while target:
        document = page(api, target)
        pages.append([key_of(row) for row in document["results"]])
        target = document[direction]
        assert len(pages) < 20, "the pages loop"
    return pages


@pytest.fixture
def five(create_client, accepted, api):
    """Five clients and five events, each event with five deliveries; the newest first, by list."""
    clients = [create_client(slug=f"client-{letter}") for letter in "abcde"]
    events = [accepted() for _ in range(5)]
    return {
        "/v1/clients": [client.slug for client in reversed(clients)],
        "/v1/events": list(reversed(events)),
    }


@pytest.fixture
def many_events(accepted, database):
    """Adds events by SQL: `many_events(60)` returns all ids, the newest first."""

    def add(count):
        first = accepted()
        pattern = database.row("SELECT * FROM webhooks_event")
        del pattern["id"]
        rows = [
            {**pattern, "public_id": f"evt_01ARZ3NDEKTSV4RRFFQ69G{number:04d}", "idempotency_key": f"k{number}"}
            for number in range(1, count)
        ]
        places = ", ".join(f"({', '.join('?' * len(pattern))})" for _ in rows)
        values = [value for row in rows for value in row.values()]
        database.execute(f"INSERT INTO webhooks_event ({', '.join(pattern)}) VALUES {places}", *values)
        return [row["public_id"] for row in reversed(rows)] + [first]

    return add


# The shape of a page


@pytest.mark.parametrize("target", LISTS)
def test_an_empty_list_is_a_page_without_neighbours(api, target):
    assert page(api, target) == {"next": None, "previous": None, "results": []}


@pytest.mark.parametrize("target", ["/v1/clients", "/v1/events"])
def test_a_page_is_newest_first(api, five, target):
    assert [key_of(row) for row in page(api, target)["results"]] == five[target]


def test_deliveries_are_newest_first(api, create_client, accepted):
    create_client()
    events = [accepted() for _ in range(3)]

    assert [row["event"] for row in page(api, "/v1/deliveries")["results"]] == events[::-1]


@pytest.mark.parametrize("target", ["/v1/clients", "/v1/events"])
def test_following_next_shows_every_row_once(api, five, target):
    newest = five[target]

    assert walk(api, f"{target}?limit=2") == [newest[:2], newest[2:4], newest[4:]]


@pytest.mark.parametrize("target", ["/v1/clients", "/v1/events"])
def test_following_previous_leads_back(api, five, target):
    newest = five[target]
    last = page(api, page(api, page(api, f"{target}?limit=2")["next"])["next"])

    assert last["next"] is None
    assert walk(api, last["previous"], "previous") == [newest[2:4], newest[:2]]


def test_the_first_page_has_no_previous(api, five):
    assert page(api, "/v1/clients?limit=2")["previous"] is None


def test_a_full_last_page_has_no_next(api, five):
    assert page(api, "/v1/clients?limit=5")["next"] is None


def test_deliveries_page_through_many_of_one_event(api, five):
    pages = walk(api, "/v1/deliveries?limit=10")

    assert [len(ids) for ids in pages] == [10, 10, 5]
    assert len({delivery for ids in pages for delivery in ids}) == 25


def test_links_are_relative_and_keep_the_query(api, five):
    document = page(api, "/v1/deliveries?client=client-a&status=pending&limit=2")
    second = page(api, document["next"])

    for link in (document["next"], second["next"], second["previous"]):
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/v1/deliveries")
        query = parse_qs(parts.query)
        assert (query["client"], query["status"], query["limit"]) == (["client-a"], ["pending"], ["2"])
    assert {row["client"] for row in second["results"]} == {"client-a"}


# Size


def test_a_page_has_50_rows(api, many_events):
    newest = many_events(51)

    document = page(api, "/v1/events")

    assert [row["id"] for row in document["results"]] == newest[:50]
    assert [row["id"] for row in page(api, document["next"])["results"]] == newest[50:]


def test_a_page_has_200_rows_at_most(api, many_events):
    newest = many_events(201)

    document = page(api, "/v1/events?limit=200")

    assert [row["id"] for row in document["results"]] == newest[:200]
    assert document["next"] is not None


@pytest.mark.parametrize("target", LISTS)
def test_a_bad_limit_is_422(api, target):
    for limit in ("0", "201", "-1", "ten", "1.5", "1e1", "", "%20", "0x10", "99999999999999999999"):
        assert_problem(api.get(f"{target}?limit={limit}"), 422, {""}, naming="limit")


def test_the_smallest_page_has_one_row(api, five):
    assert walk(api, "/v1/clients?limit=1") == [[slug] for slug in five["/v1/clients"]]


# Cursors


@pytest.mark.parametrize("target", LISTS)
def test_a_bad_cursor_is_422(api, five, target):
    good = parse_qs(urlsplit(page(api, f"{target}?limit=1")["next"]).query)["cursor"][0]

    for cursor in ("", "x", "-1", "%00", "%ff", "e30=", "cD1hYmM=", "null", "'", good + "x!", "A" * 3000):
        response = api.get(f"{target}?cursor={cursor}")
        assert_problem(response, 422, {""}, naming="cursor")


@pytest.mark.parametrize("target", LISTS)
def test_a_cursor_that_points_far_away_is_no_crash(api, five, target):
    for position in (
        b"p=99999999999999999999999",
        b"p=-1",
        b"r=1&p=99999999999999999999999",
        b"o=999999999999999",
        b"r=x",
    ):
        cursor = base64.b64encode(position).decode()
        assert api.get(f"{target}?cursor={cursor}").status in (200, 422)


TABLES = {"/v1/clients": "clients_client", "/v1/events": "webhooks_event", "/v1/deliveries": "webhooks_delivery"}


@pytest.mark.parametrize("target", LISTS)
def test_rows_of_one_moment_neither_loop_nor_hide(api, five, database, target):
    database.execute(f"UPDATE {TABLES[target]} SET created_at = (SELECT min(created_at) FROM {TABLES[target]})")
    everything = [key_of(row) for row in page(api, target)["results"]]

    forth = walk(api, f"{target}?limit=2")
    back = walk(api, page(api, f"{target}?limit=2")["next"], "previous")

    assert [key for keys in forth for key in keys] == everything
    assert len(set(everything)) == len(everything) >= 5
    assert back == [forth[1], forth[0]]


def test_a_clock_that_went_back_hides_nothing(api, accepted, clock):
    first = accepted()
    clock.move(hours=-2)
    second = accepted()
    clock.move(hours=1)
    third = accepted()

    assert walk(api, "/v1/events?limit=1") == [[third], [second], [first]]


def test_rows_that_come_while_somebody_reads_neither_repeat_nor_hide_others(api, five, accepted):
    newest = five["/v1/events"]
    first = page(api, "/v1/events?limit=2")
    late = [accepted(), accepted(), accepted()]

    second = page(api, first["next"])

    assert [row["id"] for row in second["results"]] == newest[2:4]
    back = [event_id for ids in walk(api, second["previous"], "previous") for event_id in ids]
    assert sorted(back) == sorted([*late, *newest[:2]])


def test_a_row_that_goes_while_somebody_reads_hides_no_other(api, five):
    newest = five["/v1/clients"]
    first = page(api, "/v1/clients?limit=2")
    for slug in newest[1:3]:
        api.delete(f"/v1/clients/{slug}")

    second = page(api, first["next"])

    assert [row["slug"] for row in second["results"]] == newest[3:]


# Filters


@pytest.fixture
def varied(create_client, accepted, deliver, api, clock):
    """One delivery in each state, by state; the clients are called after them."""
    dead = create_client(slug="dead", event_types=["payment.failed"])
    delivered = create_client(slug="delivered", event_types=["payment.failed"])
    dead.inbox.answer(Answer(500))
    events = {"payment.failed": accepted(type="payment.failed")}
    for _ in range(8):
        deliver()
        clock.move(hours=13)
    create_client(slug="skipped", format="slack_blocks", event_types=["payment.captured"])
    cancelled = create_client(slug="cancelled", event_types=["payment.captured"])
    create_client(slug="pending", event_types=["payment.captured"])
    events["payment.captured"] = accepted()
    api.delete(cancelled.url)
    assert len(delivered.inbox) == 1
    assert len(dead.inbox) == 8
    return events


STATUSES = ["pending", "delivered", "dead", "skipped", "cancelled"]


def clients_of(document):
    return sorted(row["client"] for row in document["results"])


def test_deliveries_are_filtered(api, varied):
    assert clients_of(page(api, "/v1/deliveries")) == sorted(STATUSES)
    for status in STATUSES:
        assert clients_of(page(api, f"/v1/deliveries?status={status}")) == [status]
        assert clients_of(page(api, f"/v1/deliveries?client={status}")) == [status]
        assert clients_of(page(api, f"/v1/deliveries?client={status}&status={status}")) == [status]
        assert clients_of(page(api, f"/v1/deliveries?client=pending&status={status}")) == (
            ["pending"] if status == "pending" else []
        )
    failed, captured = varied["payment.failed"], varied["payment.captured"]
    assert clients_of(page(api, f"/v1/deliveries?event={failed}")) == ["dead", "delivered"]
    assert clients_of(page(api, f"/v1/deliveries?event={captured}&status=skipped")) == ["skipped"]
    assert clients_of(page(api, f"/v1/deliveries?event={captured}&client=dead")) == []


def test_a_filtered_list_pages_too(api, five):
    wanted = [row["id"] for row in page(api, "/v1/deliveries?client=client-c")["results"]]

    assert walk(api, "/v1/deliveries?client=client-c&limit=2") == [wanted[:2], wanted[2:4], wanted[4:]]


def test_events_are_filtered_by_type(api, accepted):
    failed, paid, other = accepted(type="payment.failed"), accepted(type="payout.paid"), accepted(type="payment.failed")

    def of_type(type):
        return [row["id"] for row in page(api, f"/v1/events?type={type}")["results"]]

    assert of_type("payment.failed") == [other, failed]
    assert of_type("payout.paid") == [paid]
    assert of_type("payment.captured") == []


@pytest.mark.parametrize("status", ["Pending", "sent", "", "pending,dead", "all", "%00"])
def test_a_bad_status_is_422(api, status):
    assert_problem(api.get(f"/v1/deliveries?status={status}"), 422, {""}, naming="status")


@pytest.mark.parametrize("query", ["client=nobody", "event=evt_nothing", "client=NOBODY&event=x", "event=dlv_x"])
def test_an_unknown_client_or_event_is_an_empty_page(api, five, query):
    assert page(api, f"/v1/deliveries?{query}") == {"next": None, "previous": None, "results": []}


@pytest.mark.parametrize("target", LISTS)
def test_unknown_query_names_are_ignored(api, five, target):
    plain = page(api, target)

    assert page(api, f"{target}?color=red&page=2&offset=3&page_size=1&ordering=id&search=x&Limit=0") == plain


def test_a_deleted_clients_deliveries_are_still_found(api, varied):
    assert clients_of(page(api, "/v1/deliveries?client=cancelled")) == ["cancelled"]


# A client's key


def test_a_client_sees_its_own_deliveries_only(create_client, accepted):
    first, second = create_client(), create_client()
    event_id = accepted()

    assert clients_of(page(first.api, "/v1/deliveries")) == [first.slug]
    assert clients_of(page(first.api, f"/v1/deliveries?client={first.slug}")) == [first.slug]
    assert clients_of(page(first.api, f"/v1/deliveries?event={event_id}")) == [first.slug]
    assert clients_of(page(first.api, "/v1/deliveries?status=pending&limit=1")) == [first.slug]
    assert page(first.api, f"/v1/deliveries?client={second.slug}")["results"] == []


def test_a_client_walks_through_its_own_deliveries_only(create_client, accepted):
    first, _ = create_client(), create_client()
    events = [accepted() for _ in range(3)]

    target, seen = "/v1/deliveries?limit=1", []
    while target:
        document = page(first.api, target)
        seen += [(row["client"], row["event"]) for row in document["results"]]
        target = document["next"]

    assert seen == [(first.slug, event_id) for event_id in reversed(events)]
