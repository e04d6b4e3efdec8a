"""The admin: a second driver of the same use cases."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import ApiKey, Client
from tests.web import disable, right_after
from webhooks.models import Attempt, Delivery, Event

FORM = {
    "slug": "acme",
    "name": "Acme",
    "endpoint_url": "https://acme.example/hooks",
    "event_types": ["payment.*"],
    "format": "flat_camel@2",
    "format_options": '{"null_policy": "keep"}',
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
        ({"slug": "Acme!"}, "Lower-case letters"),
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
    form = FORM | {"format": "csv@1", "format_options": '{"timezone": "Asia/Tokyo"}', "status": "disabled", "slug": "x"}

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
        ({"leased_until": timezone.now() + timedelta(minutes=1), "lease_token": "x"}, "Being sent, after 0 attempts."),
        ({"status": "delivered", "next_attempt_at": None, "attempt_count": 2}, "Delivered after 2 attempts."),
        ({"status": "dead", "next_attempt_at": None, "attempt_count": 8}, "Dead after 8 attempts."),
        ({"status": "dead", "next_attempt_at": None, "body": None}, "it could not be rendered"),
        ({"status": "cancelled", "next_attempt_at": None}, "Cancelled after 0 attempts."),
        ({"status": "skipped", "next_attempt_at": None, "skip_reason": "below_threshold"}, "Skipped: below_threshold."),
    ],
)
def test_a_story_says_how_a_delivery_stands(admin_page, delivery, changes, story):
    Delivery.objects.update(**changes)

    assert story in admin_page.get(f"/admin/webhooks/delivery/{delivery.pk}/change/").content.decode()


def test_a_story_says_why_a_delivery_waits(admin_page, delivery):
    disable(delivery.client, "gone")

    page = admin_page.get(f"/admin/webhooks/delivery/{delivery.pk}/change/").content.decode()

    assert "Waits until the client is enabled (gone)" in page


def test_an_event_shows_its_deliveries(admin_page, delivery):
    page = admin_page.get(f"/admin/webhooks/event/{delivery.event_id}/change/").content.decode()

    assert delivery.public_id in page and "10.10" in page


@pytest.mark.django_db(transaction=True)  # a refusal ends its own transaction, and ours would be the same one
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


def test_a_change_does_not_write_back_what_another_process_changed_meanwhile(admin_page, make_client):
    client = make_client()
    form = FORM | {"format": "std_json@1", "format_options": "{}", "event_types": ["*"], "name": "New"}

    with right_after('"clients_client"."id" =', lambda: disable(client, "gone")):
        admin_page.post(f"/admin/clients/client/{client.pk}/change/", form | {"status": "active"})

    client.refresh_from_db()
    assert (client.name, client.status, client.disabled_reason) == ("New", "disabled", "gone")


def test_revoke_selected_ends_keys_and_no_hash_is_shown(admin_page, db):
    row, _ = ApiKey.objects.issue(ApiKey.OPERATOR)
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
