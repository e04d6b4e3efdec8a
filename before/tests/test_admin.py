import pytest
from django.contrib.auth.models import User

from clients.models import ApiKey, Client
from webhooks.models import Delivery


@pytest.fixture
def admin_page(client, db):
    client.force_login(User.objects.create(username="ada", is_staff=True, is_superuser=True))
    return client


FORM = {
    "slug": "acme",
    "name": "Acme",
    "endpoint_url": "https://acme.example/hooks",
    "event_types": ["payment.*"],
    "format": "std_json@1",
    "format_options": "",
}


def test_a_client_made_here_shows_no_secret(admin_page):
    page = admin_page.post("/admin/clients/client/add/", FORM, follow=True).content.decode()

    client = Client.objects.get()
    assert (client.format_name, client.format_version) == ("std_json", 1)
    assert "rotate-secret" in page
    assert "whsec_" not in page and client.signing_secret not in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slug": "Acme!"}, "Lower-case letters"),
        ({"endpoint_url": "ftp://acme.example"}, "The URL must begin with https://"),
        ({"format_options": '{"colour": 3}'}, "colour: There is no such member."),
        ({"format_options": "[1]"}, "Expected a dictionary"),
        ({"event_types": ["payment.lost"]}, "Select a valid choice"),
    ],
)
def test_a_client_is_checked_as_in_the_api(admin_page, changes, said):
    page = admin_page.post("/admin/clients/client/add/", FORM | changes).content.decode()

    assert said in page
    assert not Client.objects.exists()


def test_a_change_writes_what_was_changed(admin_page, make_client):
    client = make_client()
    form = FORM | {
        "status": "disabled",
        "slug": "x",
    }

    response = admin_page.post(f"/admin/clients/client/{client.pk}/change/", form)

    assert response.status_code == 302, response.context["errors"]
    client.refresh_from_db()
    assert (client.slug, client.name) == ("acme", "Acme")
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


def test_revoke_selected_ends_keys_and_no_hash_is_shown(admin_page, db):
    row, _ = ApiKey.objects.issue(ApiKey.OPERATOR)
    page = admin_page.get(f"/admin/clients/apikey/{row.pk}/change/").content.decode()

    admin_page.post("/admin/clients/apikey/", {"action": "revoke_selected", "_selected_action": [row.pk]})

    assert row.prefix in page and row.digest not in page
    row.refresh_from_db()
    assert row.revoked_at
