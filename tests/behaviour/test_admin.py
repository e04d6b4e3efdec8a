"""The admin: finding, retrying and disabling, the API's checks of clients, read-only rows and hidden secrets."""

import json
from urllib.parse import urljoin, urlsplit

import pytest
from admin_site import ATTEMPTS, CLIENTS, DELIVERIES, EVENTS
from delivery_states import end

from harness.problems import assert_problem
from harness.receiver import Answer


@pytest.fixture
def rows_of(database):
    """Every column of every row, to compare."""

    def read(*tables):
        return {table: database.rows(f"SELECT * FROM {table} ORDER BY id") for table in tables}

    return read


HISTORY = ("webhooks_event", "webhooks_delivery", "webhooks_attempt")


@pytest.fixture
def deliveries(api):
    def listed(query=""):
        return api.get(f"/v1/deliveries{query}").json()["results"]

    return listed


# Signing in


@pytest.mark.parametrize("path", ["/admin/", CLIENTS, EVENTS, DELIVERIES])
def test_without_a_sign_in_there_is_only_the_way_to_it_and_an_api_key_is_none(api, path):
    for through in (api, api.anonymous()):
        response = through.get(path)

        assert response.status == 302
        assert response.headers["Location"].startswith("/admin/login/")


def test_a_form_without_its_csrf_token_changes_nothing(admin, create_client, key_of, api):
    client = create_client()
    admin.get(CLIENTS)
    selected = {"action": "disable_selected", "_selected_action": key_of(client.slug)}

    page = admin.post(CLIENTS, selected, token=False)

    assert page.status == 403
    assert api.get(client.url).json()["status"] == "active"


# Finding


def test_the_search_finds_a_client_by_its_slug_and_its_name(admin, create_client):
    create_client(slug="acme", name="Ada's Books")
    create_client(slug="globex", name="Ben's Boots")

    for query, slug in (("acme", "acme"), ("Boots", "globex")):
        (row,) = admin.get(f"{CLIENTS}?q={query}").rows
        assert slug in row.text


def test_the_search_finds_events_and_deliveries_by_their_ids(admin, create_client, accepted, deliveries):
    create_client()
    wanted, _ = accepted(), accepted()
    (delivery,) = deliveries(f"?event={wanted}")

    (event_row,) = admin.get(f"{EVENTS}?q={wanted}").rows
    by_own_id = admin.get(f"{DELIVERIES}?q={delivery['id']}").rows
    by_event = admin.get(f"{DELIVERIES}?q={wanted}").rows

    assert wanted in event_row.text
    assert len(by_own_id) == 1
    assert delivery["id"] in by_own_id[0].text
    assert by_event == by_own_id


def test_lists_can_be_filtered(admin, create_client, accepted, deliveries, api, database):
    active, disabled = create_client(), create_client()
    api.patch(disabled.url, {"status": "disabled"})
    payout, _ = accepted(type="payout.paid"), accepted()
    dead = deliveries(f"?event={payout}&client={active.slug}")[0]["id"]
    end(database, "dead", dead)

    for path, label, shown in (
        (CLIENTS, "disabled", disabled.slug),
        (EVENTS, "payout.paid", payout),
        (DELIVERIES, "dead", dead),
    ):
        everything = admin.get(path)
        (row,) = admin.get(path + everything.link(label)).rows
        assert len(everything.rows) > 1
        assert shown in row.text


def test_the_attempts_are_inside_their_delivery(admin, create_client, accepted, deliver, clock, deliveries, key_of):
    client = create_client()
    client.inbox.answer(Answer(503, b"closed for lunch"), Answer(418, b"short and stout"))
    accepted()
    deliver()
    clock.move(seconds=7)
    deliver()
    (delivery,) = deliveries()

    text = admin.get(f"{DELIVERIES}{key_of(delivery['id'])}/change/").text

    for said in ("503", "closed for lunch", "418", "short and stout", "bad_status"):
        assert said in text


def test_what_strangers_wrote_is_shown_as_text(admin, create_client, accepted, deliver, deliveries, key_of):
    script = "<script>alert(7)</script>"
    client = create_client(name=script)
    client.inbox.answer(Answer(500, script.encode()))
    event_id = accepted(data__customer__name=script, data__reference=script)
    deliver()
    (delivery,) = deliveries()

    paths = [
        CLIENTS,
        f"{CLIENTS}{key_of(client.slug)}/change/",
        f"{EVENTS}{key_of(event_id)}/change/",
        f"{DELIVERIES}{key_of(delivery['id'])}/change/",
    ]

    pages = [admin.get(path) for path in paths]
    assert [page.status for page in pages] == [200] * 4
    assert not any("<script>alert(7)" in page.html for page in pages)
    assert script in pages[0].text
    assert script in pages[3].text


# Retry selected


def test_retry_selected_takes_what_the_api_would_take_and_nothing_else(
    admin, create_client, accepted, deliveries, key_of, database, clock
):
    create_client()
    ids = {}
    for status in ("dead", "delivered", "skipped", "cancelled", "left out"):
        ids[status] = deliveries(f"?event={accepted()}")[0]["id"]
        end(database, "dead" if status == "left out" else status, ids[status])
    selected = [key_of(ids[status]) for status in ids if status != "left out"]
    clock.move(days=2)

    page = admin.act(DELIVERIES, "retry_selected", selected)

    assert page.status == 302
    now = {row["id"]: row["status"] for row in deliveries()}
    assert {status: now[delivery_id] for status, delivery_id in ids.items()} == {
        "dead": "pending",
        "delivered": "pending",
        "skipped": "skipped",
        "cancelled": "cancelled",
        "left out": "dead",
    }


def test_what_was_retried_there_is_sent_with_eight_new_attempts(
    admin, create_client, accepted, deliver, deliveries, key_of, database
):
    client = create_client()
    client.inbox.answer(Answer(500))
    accepted()
    end(database, "dead", deliveries()[0]["id"])

    admin.act(DELIVERIES, "retry_selected", [key_of(deliveries()[0]["id"])])
    deliver()

    (delivery,) = deliveries()
    assert (delivery["status"], delivery["attempt_count"]) == ("pending", 9)
    assert len(client.inbox) == 1


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_nothing_of_a_client_that_ended_is_retried_there(
    admin, create_client, accepted, deliveries, key_of, database, api, how
):
    client = create_client()
    accepted()
    end(database, "dead", deliveries()[0]["id"])
    if how == "deleted":
        api.delete(client.url)
    else:
        api.patch(client.url, {"status": "disabled"})
    before = deliveries()

    admin.act(DELIVERIES, "retry_selected", [key_of(before[0]["id"])])

    assert deliveries() == before


def test_a_delivery_without_a_body_is_not_retried_there(admin, create_client, accepted, deliveries, key_of, database):
    create_client(format="csv")
    database.execute("UPDATE clients_client SET format_options = ?", '{"timezone": "Mars/Olympus"}')
    accepted()
    database.execute("UPDATE clients_client SET format_options = ?", "{}")
    before = deliveries()

    admin.act(DELIVERIES, "retry_selected", [key_of(before[0]["id"])])

    assert before[0]["status"] == "dead"
    assert deliveries() == before


# Disable selected


def test_disable_selected_makes_the_operator_the_reason(admin, create_client, key_of, api, database):
    active, own, gone, left_out = (create_client() for _ in range(4))
    own.api.patch(own.url, {"status": "disabled"})
    database.execute(
        "UPDATE clients_client SET status = 'disabled', disabled_reason = 'gone' WHERE slug = ?",
        gone.slug,
    )

    page = admin.act(CLIENTS, "disable_selected", [key_of(c.slug) for c in (active, own, gone)])

    assert page.status == 302
    for client in (active, own, gone):
        shown = api.get(client.url).json()
        assert (shown["status"], shown["disabled_reason"]) == ("disabled", "operator")
    assert api.get(left_out.url).json()["status"] == "active"


def test_a_client_disabled_there_cannot_enable_itself(admin, create_client, key_of):
    client = create_client()

    admin.act(CLIENTS, "disable_selected", [key_of(client.slug)])

    assert_problem(client.api.patch(client.url, {"status": "active"}), 422, {"/status"})


# Clients


NEW = {
    "slug": "acme",
    "name": "  Acme Books  ",
    "endpoint_url": "https://acme.example/hooks?tenant=7",
    "event_types": ["payment.*", "payout.paid"],
    "format": "flat_camel@2",
    "format_options": '{"null_policy": "keep", "mask": ["customer.iban"]}',
}


def test_a_client_made_there_is_as_one_made_in_the_api(admin, client_document, api):
    page = admin.submit(f"{CLIENTS}add/", NEW)

    assert page.status == 302, page.text
    options = json.loads(NEW["format_options"])
    members = ("name", "endpoint_url", "event_types")
    document = client_document(
        slug="twin",
        format={"name": "flat_camel", "version": 2, "options": options},
        **{name: NEW[name] for name in members},
    )
    twin = api.post("/v1/clients", document).json()
    made = api.get("/v1/clients/acme").json()
    twin = {name: twin[name] for name in made}
    assert {**made, "slug": "twin", "created_at": twin["created_at"]} == twin


def test_a_client_made_there_is_delivered_to_and_signed_for(admin, deliver, post_event, receiver):
    there = {"endpoint_url": receiver.url("/acme"), "format": "std_json@1", "format_options": "{}"}
    admin.submit(f"{CLIENTS}add/", NEW | there)

    assert post_event().json()["deliveries"] == 1
    deliver()

    request = receiver.inbox("/acme").last
    assert request.headers["webhook-signature"].startswith("v1,")


REFUSED = {
    "an upper-case slug": {"slug": "Acme"},
    "a slug of a hyphen first": {"slug": "-acme"},
    "a slug of 64 characters": {"slug": "a" * 64},
    "a slug with a space": {"slug": "acme "},
    "no slug": {"slug": ""},
    "no name": {"name": ""},
    "a name of 141 characters": {"name": "é" * 141},
    "U+0000 in the name": {"name": "a\0b"},
    "no URL": {"endpoint_url": ""},
    "another scheme": {"endpoint_url": "ftp://acme.example/hooks"},
    "a URL without a host": {"endpoint_url": "https:///hooks"},
    "a relative URL": {"endpoint_url": "/hooks"},
    "credentials": {"endpoint_url": "https://ada:secret@acme.example/hooks"},
    "a URL of 2,049 characters": {"endpoint_url": "https://acme.example/".ljust(2049, "x")},
    "an unknown event type": {"event_types": ["payment.lost"]},
    "an unknown format": {"format": "morse@1"},
    "an unknown version": {"format": "std_json@9"},
    "options that are no JSON": {"format_options": "{"},
    "options that are no object": {"format_options": "[1]"},
    "a bad option": {"format_options": '{"null_policy": "drop"}'},
    "another format's option": {"format_options": '{"timezone": "UTC"}'},
    "a coerced option": {"format_options": '{"minor_units": {"USD": "2"}}'},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_a_client_is_refused_there_as_in_the_api(admin, api, changes):
    page = admin.submit(f"{CLIENTS}add/", NEW | changes)

    assert page.status == 200
    assert "errorlist" in page.html
    assert api.get("/v1/clients").json()["results"] == []


@pytest.mark.parametrize("end_it", [False, True], ids=["existing", "deleted"])
def test_a_slug_that_is_or_was_in_use_is_refused_there(admin, create_client, api, database, end_it):
    client = create_client(slug="acme")
    if end_it:
        api.delete(client.url)

    page = admin.submit(f"{CLIENTS}add/", NEW)

    assert page.status == 200
    assert "errorlist" in page.html
    assert database.value("SELECT count(*) FROM clients_client") == 1


CHANGES_REFUSED = ["no name", "another scheme", "credentials", "an unknown version", "a bad option"]


@pytest.mark.parametrize("name", CHANGES_REFUSED)
def test_a_change_is_refused_there_as_in_the_api(admin, create_client, key_of, rows_of, name):
    client = create_client()
    before = rows_of("clients_client")

    page = admin.submit(f"{CLIENTS}{key_of(client.slug)}/change/", REFUSED[name])

    assert page.status == 200
    assert "errorlist" in page.html
    assert rows_of("clients_client") == before


def test_a_change_there_writes_what_was_changed_and_nothing_else(admin, create_client, key_of, database, api):
    client = create_client(format="csv", options={"timezone": "Asia/Kolkata"})
    api.post(f"{client.url}/rotate-secret", {})
    before = database.row("SELECT * FROM clients_client")

    options = '{"timezone": "Asia/Tokyo"}'
    page = admin.submit(f"{CLIENTS}{key_of(client.slug)}/change/", {"format_options": options})

    assert page.status == 302, page.text
    after = database.row("SELECT * FROM clients_client")
    assert database.json(after.pop("format_options")) == {"timezone": "Asia/Tokyo"}
    del before["format_options"]
    assert after == before


def test_saving_a_client_unchanged_changes_nothing(admin, create_client, key_of, rows_of):
    client = create_client(name=" two  spaces ", event_types=["payout.paid", "payment.failed"])
    before = rows_of("clients_client", "clients_apikey")

    page = admin.submit(f"{CLIENTS}{key_of(client.slug)}/change/", {})

    assert page.status == 302
    assert rows_of("clients_client", "clients_apikey") == before


def test_the_status_is_set_there_as_an_operator_sets_it(admin, create_client, key_of, api, database):
    client = create_client()
    path = f"{CLIENTS}{key_of(client.slug)}/change/"

    admin.submit(path, {"status": "disabled"})
    shown = api.get(client.url).json()
    assert (shown["status"], shown["disabled_reason"]) == ("disabled", "operator")

    database.execute("UPDATE clients_client SET failing_since = created_at")
    admin.submit(path, {"status": "active"})
    shown = api.get(client.url).json()
    assert (shown["status"], shown["disabled_reason"]) == ("active", None)
    assert database.value("SELECT failing_since FROM clients_client") is None


def test_fields_that_the_form_does_not_have_cannot_be_smuggled_in(admin, create_client, key_of, database):
    client = create_client()
    before = database.row("SELECT * FROM clients_client")
    smuggled = {
        "slug": "stolen",
        "signing_secret": "x",
        "previous_secret": "x",
        "disabled_reason": "gone",
        "failing_since_0": "2026-01-01",
        "failing_since_1": "00:00:00",
        "deleted_at_0": "2026-01-01",
        "deleted_at_1": "00:00:00",
        "created_at_0": "2026-01-01",
        "created_at_1": "00:00:00",
    }

    admin.submit(f"{CLIENTS}{key_of(client.slug)}/change/", {"name": "Changed", **smuggled})

    assert database.row("SELECT * FROM clients_client") == {**before, "name": "Changed"}


@pytest.mark.parametrize("way", ["on its page", "from the list"])
def test_a_delete_there_ends_the_client_as_in_the_api(
    admin, create_client, accepted, deliver, deliveries, key_of, api, rows_of, client_document, way
):
    client, other = create_client(slug="acme"), create_client()
    accepted()
    deliver()
    accepted()
    key = key_of("acme")

    if way == "on its page":
        page = admin.post(f"{CLIENTS}{key}/delete/", {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": key, "post": "yes"}
        page = admin.post(CLIENTS, chosen)
    deliver()

    assert page.status == 302
    shown = deliveries("?client=acme")
    assert [row["status"] for row in shown] == ["cancelled", "delivered"]
    assert len(api.get(f"/v1/deliveries/{shown[1]['id']}").json()["attempts"]) == 1
    assert len(client.inbox) == 1
    assert_problem(api.get(client.url), 404)
    assert_problem(client.api.get(client.url), 401)
    assert_problem(api.post("/v1/clients", client_document(slug="acme")), 409)
    assert len(rows_of("clients_client")["clients_client"]) == 2
    assert other.api.get(other.url).status == 200


def test_a_deleted_client_stays_as_it_was_when_it_ended(admin, create_client, key_of, api, rows_of, clock):
    client = create_client()
    path = f"{CLIENTS}{key_of(client.slug)}/"
    fields = admin.get(f"{path}change/").fields
    api.delete(client.url)
    before = rows_of("clients_client", "clients_apikey")
    clock.move(days=1)

    admin.post(f"{path}change/", {**fields, "name": "Back", "status": "disabled", "_save": "Save"})
    admin.post(f"{path}delete/", {"post": "yes"})
    admin.act(CLIENTS, "disable_selected", [key_of(client.slug)])
    admin.post(
        CLIENTS,
        {"action": "delete_selected", "_selected_action": key_of(client.slug), "post": "yes"},
    )

    assert rows_of("clients_client", "clients_apikey") == before


# Rows that are read-only


@pytest.fixture
def history(create_client, accepted, deliver, deliveries, key_of, database, rows_of):
    """An event, a delivery and an attempt, by the path of their list; and a look at all of their columns."""
    client = create_client()
    client.inbox.answer(Answer(500, b"oops"))
    event_id = accepted()
    deliver()
    keys = {
        EVENTS: key_of(event_id),
        DELIVERIES: key_of(deliveries()[0]["id"]),
        ATTEMPTS: database.value("SELECT id FROM webhooks_attempt"),
    }
    return keys, lambda: rows_of(*HISTORY)


READ_ONLY = (EVENTS, DELIVERIES, ATTEMPTS)
# Every field that a form of theirs could have, and the inline rows of each.
CRAFTED = {
    "status": "delivered",
    "type": "payout.paid",
    "payment_id": "pay_99",
    "amount": "99",
    "attempt_count": "0",
    "error": "",
    "response_excerpt": "",
    "body": "x",
    "next_attempt_at_0": "2030-01-01",
    "next_attempt_at_1": "00:00:00",
    **{
        f"{inline}-{part}": value
        for inline in ("attempts", "deliveries")
        for part, value in (
            ("TOTAL_FORMS", "2"),
            ("INITIAL_FORMS", "1"),
            ("0-DELETE", "on"),
            ("1-started_at_0", "2030-01-01"),
            ("1-started_at_1", "00:00:00"),
            ("1-duration_ms", "1"),
        )
    },
    "_save": "Save",
}


@pytest.mark.parametrize("path", READ_ONLY)
def test_nothing_can_be_added_to_the_history(admin, history, path):
    _, rows = history
    before = rows()

    shown = admin.get(f"{path}add/")
    posted = admin.post(f"{path}add/", CRAFTED)

    assert {shown.status, posted.status} <= {403, 404}
    assert rows() == before


@pytest.mark.parametrize("path", READ_ONLY)
def test_nothing_of_the_history_can_be_changed(admin, history, path):
    keys, rows = history
    before = rows()
    crafted = CRAFTED | {f"{inline}-0-id": keys[ATTEMPTS] for inline in ("attempts", "deliveries")}

    posted = admin.post(f"{path}{keys[path]}/change/", crafted)
    listed = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": keys[path]}
    admin.post(path, {**listed, "form-0-status": "delivered", "_save": "Save"})

    assert posted.status in (403, 404)
    assert rows() == before


@pytest.mark.parametrize("path", READ_ONLY)
def test_nothing_of_the_history_can_be_deleted(admin, history, path):
    keys, rows = history
    before = rows()

    posted = admin.post(f"{path}{keys[path]}/delete/", {"post": "yes"})
    admin.post(path, {"action": "delete_selected", "_selected_action": keys[path], "post": "yes"})

    assert posted.status in (403, 404)
    assert rows() == before


@pytest.mark.parametrize("path", [EVENTS, DELIVERIES])
def test_the_history_can_be_read_and_offers_no_way_to_change_it(admin, history, path):
    keys, _ = history

    listed = admin.get(path)
    shown = admin.get(f"{path}{keys[path]}/change/")

    assert (listed.status, shown.status) == (200, 200)
    assert len(listed.rows) == 1
    assert "delete_selected" not in listed.html
    assert "_save" not in shown.html
    ways = {f"{path}add/", f"{path}{keys[path]}/delete/"}
    assert ways.isdisjoint(href for _, href in listed.links + shown.links)


# Values that are never shown


@pytest.fixture
def secrets(database):
    """Everything that must never be shown, of all clients, all keys and the signed-in user."""

    def read(*plain):
        sealed = [
            value
            for row in database.rows("SELECT signing_secret, previous_secret FROM clients_client")
            for value in row.values()
        ]
        digests = [row["digest"] for row in database.rows("SELECT digest FROM clients_apikey")]
        passwords = [row["password"] for row in database.rows("SELECT password FROM auth_user")]
        found = [*plain, *sealed, *digests, *passwords]
        return {value.removeprefix("whsec_") for value in found if value}

    return read


def test_no_page_shows_a_secret_or_a_hash(admin, create_client, accepted, deliver, api, key_of, secrets):
    client, deleted = create_client(), create_client()
    accepted()
    deliver()
    rotated = api.post(f"{client.url}/rotate-secret", {}).json()["signing_secret"]
    api.delete(deleted.url)
    admin.submit(f"{CLIENTS}{key_of(client.slug)}/change/", {"name": "Changed"})
    hidden = secrets(client.signing_secret, client.api_key, rotated, deleted.signing_secret, deleted.api_key)
    assert len(hidden) > 10

    seen, ahead = set(), ["/admin/"]
    while ahead and len(seen) < 80:
        path = ahead.pop()
        seen.add(path)
        page = admin.get(path)
        assert page.status in (200, 302), path
        shown = [secret for secret in hidden if secret in page.html]
        assert not shown, path
        targets = {urlsplit(urljoin(path, href)).path for _, href in page.links}
        ahead += [target for target in sorted(targets - seen - set(ahead)) if target.startswith("/admin/")]

    assert not ahead
    keys = map(key_of, (client.slug, deleted.slug))
    assert {EVENTS, DELIVERIES, *(f"{CLIENTS}{key}/change/" for key in keys)} <= seen


def test_a_client_made_there_shows_no_secret_either(admin, api):
    saved = admin.submit(f"{CLIENTS}add/", NEW)
    next_page = admin.get(saved.location)

    assert "acme" in next_page.text
    assert "whsec_" not in next_page.html
    assert "whk_" not in next_page.html
    assert api.get("/v1/clients/acme").status == 200


@pytest.mark.parametrize("path", [CLIENTS, EVENTS, DELIVERIES])
def test_a_list_without_rows_is_a_page(admin, path):
    page = admin.get(path)

    assert page.status == 200
    assert page.rows == []
