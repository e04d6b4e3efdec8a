"""The admin: a second driver of the same use cases."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.utils import timezone
from model_bakery import baker

from clients.admin import version_of
from clients.models import ApiKey, Client
from tests.web import disable
from webhooks.models import Attempt, Delivery, Event

FORM = {
    "slug": "acme",
    "name": "Acme",
    "endpoint_url": "https://acme.example/hooks",
    "event_types": ["payment.*"],
    "format": "flat_camel@2",
    "format_options": '{"null_policy": "keep"}',
}


def opened_form(client):
    """The fields that a browser sends back from a form."""
    return FORM | {
        "name": client.name,
        "event_types": client.event_types,
        "format": f"{client.format_name}@{client.format_version}",
        "format_options": json.dumps(client.format_options),
        "status": client.status,
        "seen": version_of(client),
    }


def test_a_client_made_here_shows_no_secret(admin_page):
    page = admin_page.post("/admin/clients/client/add/", FORM, follow=True).content.decode()

    client = Client.objects.get()
    assert (client.format_name, client.format_version) == ("flat_camel", 2)
    assert client.format_options == {"null_policy": "keep"}
    assert "rotate-secret" in page
    assert "whsec_" not in page and client.signing_secret not in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slug": "Acme!"}, "lower-case letters"),
        ({"endpoint_url": "ftp://acme.example"}, "The URL must begin with https://"),
        ({"format_options": '{"null_policy": "drop"}'}, "null_policy: This value is not allowed."),
        ({"format_options": "[1]"}, "Expected a dictionary"),
        ({"event_types": ["payment.lost"]}, "Select a valid choice"),
    ],
)
def test_a_client_is_checked_as_in_the_api(admin_page, changes, said):
    page = admin_page.post("/admin/clients/client/add/", FORM | changes).content.decode()

    assert said in page
    assert not Client.objects.exists()


def test_a_change_writes_what_was_changed(admin_page, make_client):
    client = make_client("csv", timezone="Asia/Kolkata")
    changes = {"format_options": '{"timezone": "Asia/Tokyo"}', "status": "disabled", "slug": "x"}
    form = opened_form(client) | changes

    response = admin_page.post(f"/admin/clients/client/{client.pk}/change/", form)

    assert response.status_code == 302, response.context["errors"]
    client.refresh_from_db()
    assert (client.slug, client.format_options) == ("acme", {"timezone": "Asia/Tokyo"})
    assert (client.status, client.disabled_reason) == ("disabled", "operator")


def test_a_delete_ends_the_client_and_keeps_its_history(admin_page, delivery):
    url = f"/admin/clients/client/{delivery.client_id}/delete/"

    response = admin_page.post(url, {"post": "yes"})

    assert response.status_code == 302
    assert Client.objects.get().deleted_at
    assert Delivery.objects.get().status == "cancelled"
    assert admin_page.get(f"/admin/clients/client/{delivery.client_id}/change/").status_code == 200


def test_disable_selected_makes_the_reason_operator(admin_page, make_client):
    client = make_client()

    admin_page.post("/admin/clients/client/", {"action": "disable_selected", "_selected_action": [client.pk]})

    client.refresh_from_db()
    assert (client.status, client.disabled_reason) == ("disabled", "operator")


def test_retry_selected_makes_dead_deliveries_due(admin_page, delivery):
    Delivery.objects.update(status="dead", next_attempt_at=None, attempts_this_round=8)

    admin_page.post("/admin/webhooks/delivery/", {"action": "retry_selected", "_selected_action": [delivery.pk]})

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts_this_round) == ("pending", 0)


def test_a_deliverys_story_is_on_one_page(admin_page, delivery):
    Attempt.objects.create(
        delivery=delivery,
        started_at=delivery.created_at,
        duration_ms=7,
        response_status=503,
        error="bad_status",
        response_excerpt="closed for lunch",
    )

    page = admin_page.get(f"/admin/webhooks/delivery/{delivery.pk}/change/").content.decode()

    for part in ("To be sent at", "pay_01", "https://acme.example/hooks", "closed for lunch", "bad_status", "Zoë"):
        assert part in page


@pytest.mark.parametrize(
    ("changes", "story"),
    [
        ({"attempt_count": 1, "attempts_this_round": 1}, "after 1 attempt; 7 left."),
        ({"status": "delivered", "next_attempt_at": None, "attempt_count": 2}, "Delivered after 2 attempts."),
        ({"status": "dead", "next_attempt_at": None, "attempt_count": 8}, "Dead after 8 attempts."),
        ({"status": "dead", "next_attempt_at": None, "body": None}, "the body could not be rendered"),
        ({"status": "cancelled", "next_attempt_at": None}, "Cancelled after 0 attempts."),
        ({"status": "skipped", "next_attempt_at": None, "skip_reason": "below_threshold"}, "Skipped: below_threshold."),
    ],
)
def test_a_story_tells_the_state_of_a_delivery(admin_page, delivery, changes, story):
    Delivery.objects.update(**changes)

    assert story in admin_page.get(f"/admin/webhooks/delivery/{delivery.pk}/change/").content.decode()


def test_a_story_says_that_a_delivery_is_being_sent(admin_page, delivery):
    Delivery.objects.update(leased_until=timezone.now() + timedelta(minutes=1), lease_token="x")

    assert (
        "Being sent, after 0 attempts."
        in admin_page.get(f"/admin/webhooks/delivery/{delivery.pk}/change/").content.decode()
    )


def test_a_story_says_why_a_delivery_waits(admin_page, delivery):
    disable(delivery.client, "gone")

    page = admin_page.get(f"/admin/webhooks/delivery/{delivery.pk}/change/").content.decode()

    assert "Pending until the client is enabled (gone)" in page


def test_an_event_shows_its_deliveries(admin_page, delivery):
    page = admin_page.get(f"/admin/webhooks/event/{delivery.event_id}/change/").content.decode()

    assert delivery.public_id in page and "10.10" in page


@pytest.mark.django_db(transaction=True)  # a refusal ends its transaction, which would also be ours
def test_retry_selected_says_what_it_could_not_do(admin_page, delivery):
    Delivery.objects.update(status="cancelled", next_attempt_at=None)
    form = {"action": "retry_selected", "_selected_action": [delivery.pk]}

    page = admin_page.post("/admin/webhooks/delivery/", form, follow=True).content.decode()

    assert "0 deliveries are due now." in page
    assert "1 not retried: The delivery is cancelled." in page


def test_delete_selected_ends_clients_as_a_delete_does(admin_page, delivery):
    form = {"action": "delete_selected", "_selected_action": [delivery.client_id], "post": "yes"}

    admin_page.post("/admin/clients/client/", form)

    assert Client.objects.get().deleted_at
    assert Delivery.objects.get().status == "cancelled"


def test_a_deleted_client_cannot_be_changed(admin_page, make_client):
    client = make_client()
    client.soft_delete()

    response = admin_page.post(f"/admin/clients/client/{client.pk}/change/", FORM | {"name": "New", "status": "active"})

    assert response.status_code == 403
    assert Client.objects.get().name == "acme"


def test_a_form_that_was_opened_before_another_change_is_refused_and_undoes_nothing(admin_page, make_client):
    client = make_client()
    form = opened_form(client) | {"name": "New"}
    disable(client, "gone")

    page = admin_page.post(f"/admin/clients/client/{client.pk}/change/", form).content.decode()

    client.refresh_from_db()
    assert "was changed after the form was opened" in page
    assert (client.name, client.status, client.disabled_reason) == ("acme", "disabled", "gone")


def test_a_form_that_does_not_say_what_it_showed_is_refused(admin_page, make_client):
    client = make_client()

    admin_page.post(f"/admin/clients/client/{client.pk}/change/", FORM | {"name": "New", "status": "active"})

    client.refresh_from_db()
    assert client.name == "acme"


@pytest.mark.parametrize("options", ["[" * 100_000, "9" * 5000, '{"mask": "\\ud800"}', '{"mask": 1e999}', "NaN"])
def test_options_that_are_no_json_of_ours_are_an_error_of_the_form(admin_page, options):
    response = admin_page.post("/admin/clients/client/add/", FORM | {"format_options": options})

    assert response.status_code == 200
    assert "Enter a valid JSON." in response.content.decode()


def test_a_filter_reads_no_column_that_the_page_does_not_offer_one_for(admin_page, make_client):
    client = make_client()
    secret = client.signing_secret

    for path in (
        f"client/?signing_secret__startswith={secret[0]}",
        "client/?api_keys__digest__gt=0",
        "apikey/?digest__gt=0",
    ):
        assert admin_page.get(f"/admin/clients/{path}").status_code == 400
    assert admin_page.get("/admin/clients/client/?status=active").status_code == 200


def test_a_row_without_such_a_key_is_a_bad_request(admin_page, db):
    for list_of, key in (("clients/client", "x"), ("webhooks/delivery", "9" * 30), ("auth/user", "\0")):
        form = {"action": "delete_selected", "_selected_action": [key]}
        response = admin_page.post(f"/admin/{list_of}/", form | {"index": "0"})
        assert response.status_code == 400


@pytest.fixture
def viewer(client, db):
    """A user with permission to see everything and to change nothing."""
    user = User.objects.create(username="vera", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


def test_a_user_who_may_only_view_cannot_retry_disable_or_revoke(viewer, delivery):
    Delivery.objects.update(status="dead", next_attempt_at=None, attempts_this_round=8)
    key, _ = ApiKey.objects.issue(ApiKey.Role.CLIENT, delivery.client)

    for path, action, row in (
        ("webhooks/delivery", "retry_selected", delivery),
        ("clients/client", "disable_selected", delivery.client),
        ("clients/apikey", "revoke_selected", key),
    ):
        assert action not in viewer.get(f"/admin/{path}/").content.decode()
        viewer.post(f"/admin/{path}/", {"action": action, "_selected_action": [row.pk]})

    assert (Delivery.objects.get().status, Client.objects.get().status) == ("dead", "active")
    assert ApiKey.objects.get().revoked_at is None
    assert viewer.get(f"/admin/clients/client/{delivery.client_id}/change/").status_code == 200


def test_an_action_is_in_the_history_and_in_the_log_with_its_user(admin_page, delivery, log_lines):
    key, _ = ApiKey.objects.issue(ApiKey.Role.CLIENT, delivery.client)

    for path, action, row in (
        ("webhooks/delivery", "retry_selected", delivery),
        ("clients/apikey", "revoke_selected", key),
        ("clients/client", "disable_selected", delivery.client),
    ):
        admin_page.post(f"/admin/{path}/", {"action": action, "_selected_action": [row.pk]})

    rows = [str(row) for row in (delivery, key, delivery.client)]
    entries = LogEntry.objects.order_by("pk").values_list("object_repr", "change_message", "user__username")
    assert list(entries) == list(zip(rows, ("Retried.", "Revoked.", "Disabled."), ["ada"] * 3, strict=True))
    lines = [line for line in log_lines() if line["event"] == "admin_action"]
    assert [(line["done"], line["user"]) for line in lines] == [
        ("Retried.", "ada"),
        ("Revoked.", "ada"),
        ("Disabled.", "ada"),
    ]
    assert [lines[0]["delivery_id"], lines[1]["api_key"], lines[2]["client"]] == rows


def test_many_are_retried_in_batches_whatever_becomes_of_their_status(admin_page, delivery, monkeypatch):
    monkeypatch.setattr("plumbing.admin.BATCH", 2)
    for number in range(4):
        baker.make(
            Delivery,
            event=baker.make(Event, type="of.nobody"),
            client=delivery.client,
            body=b"x",
            public_id=f"dlv_{number}",
            status="dead",
            next_attempt_at=None,
        )
    form = {"action": "retry_selected", "select_across": "1", "_selected_action": [delivery.pk]}

    page = admin_page.post("/admin/webhooks/delivery/?status=dead", form, follow=True).content.decode()

    assert "4 deliveries are due now." in page
    assert not Delivery.objects.exclude(status="pending").exists()


def test_rows_that_the_time_was_too_short_for_are_reported_and_left(admin_page, delivery, monkeypatch):
    Delivery.objects.update(status="dead", next_attempt_at=None)
    monkeypatch.setattr("plumbing.admin.in_batches.__defaults__", (-1,))

    page = admin_page.post(
        "/admin/webhooks/delivery/", {"action": "retry_selected", "_selected_action": [delivery.pk]}, follow=True
    ).content.decode()

    assert "The time was too short for all of them." in page and "0 deliveries are due now." in page
    assert Delivery.objects.get().status == "dead"


def test_revoke_selected_ends_keys_and_no_hash_is_shown(admin_page, db):
    row, _ = ApiKey.objects.issue(ApiKey.Role.OPERATOR)
    page = admin_page.get(f"/admin/clients/apikey/{row.pk}/change/").content.decode()

    admin_page.post("/admin/clients/apikey/", {"action": "revoke_selected", "_selected_action": [row.pk]})

    assert row.prefix in page and row.digest not in page
    row.refresh_from_db()
    assert row.revoked_at


def test_events_deliveries_and_attempts_cannot_be_changed_or_deleted(admin_page, delivery):
    for model, row in (("event", delivery.event), ("delivery", delivery)):
        assert admin_page.post(f"/admin/webhooks/{model}/{row.pk}/change/", {}).status_code == 403
        assert admin_page.post(f"/admin/webhooks/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert admin_page.get(f"/admin/webhooks/{model}/add/").status_code == 403
        assert b"delete_selected" not in admin_page.get(f"/admin/webhooks/{model}/").content
    assert Event.objects.count() == Delivery.objects.count() == 1


def test_the_search_finds_a_delivery_by_its_payment(admin_page, delivery):
    assert delivery.public_id in admin_page.get("/admin/webhooks/delivery/?q=pay_01").content.decode()
    assert delivery.public_id not in admin_page.get("/admin/webhooks/delivery/?q=pay_02").content.decode()
