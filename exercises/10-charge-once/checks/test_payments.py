"""What a merchant sees of payments, and what the providers are asked for it. HTTP in, HTTP out."""

import pytest
from django.core.cache import cache
from django.core.management import call_command

from workshop.exercises.probes import outside

pytestmark = pytest.mark.django_db(transaction=True)
BODY = {"provider": "cardly", "amount": "20.00", "currency": "EUR", "card": "tok_visa"}


@pytest.fixture
def provider(settings):
    cache.clear()  # as the database is

    def answer(path, body):
        return {"status": "declined" if body["card"] == "tok_broke" else "done"}

    with outside.listening(answer) as there:
        settings.PROVIDERS_URL = there.url
        yield there


@pytest.fixture
def pay(client, provider):
    def send(key="shop-1", **changes):
        headers = {"Idempotency-Key": key} if key is not None else {}
        return client.post("/payments", BODY | changes, content_type="application/json", headers=headers)

    return send


def taken(provider):
    """How often money moved: a provider takes a reference once."""
    return len({body["reference"] for _, body in provider.asked})


def accepted(response):
    assert response.status_code == 201, f"it was answered with {response.status_code}: {response.content.decode()}"
    return response.json()


@pytest.mark.check("a-payment-goes-through")
@pytest.mark.parametrize(("card", "status"), [("tok_visa", "done"), ("tok_broke", "declined")])
def test_a_payment_is_settled_once_the_outbox_has_been_sent(pay, client, provider, card, status):
    payment = accepted(pay(card=card))
    call_command("send_outbox")
    call_command("send_outbox")

    shown = client.get(f"/payments/{payment['id']}").json()
    assert shown["status"] == status, f"with {card} it ends {shown['status']}, not {status}"
    assert taken(provider) == 1, f"for one payment the provider was asked to move money {taken(provider)} times"
    path, body = provider.asked[0]
    asked = (path, body["kind"], body["amount"], body["currency"])
    wanted = ("/cardly", "payment", "20.00", "EUR")
    assert asked == wanted, f"the provider was asked for {asked}, not for {wanted}"


@pytest.mark.check("a-payment-goes-through")
def test_the_same_body_under_another_key_is_another_payment(pay, provider):
    first, second = accepted(pay("shop-1")), accepted(pay("shop-2"))
    call_command("send_outbox")

    assert first["id"] != second["id"], "two keys gave one payment; somebody who buys two tickets pays for one"
    assert taken(provider) == 2, f"two payments moved money {taken(provider)} times"


@pytest.mark.check("a-payment-goes-through")
def test_a_refund_goes_back(pay, client, provider):
    payment = accepted(pay())
    call_command("send_outbox")

    refund = accepted(client.post(f"/payments/{payment['id']}/refund"))
    call_command("send_outbox")

    assert client.get(f"/payments/{refund['id']}").json()["status"] == "done", "the refund was never sent"
    assert [body["kind"] for _, body in provider.asked] == ["payment", "refund"], "the provider was asked otherwise"


@pytest.mark.check("a-payment-goes-through")
@pytest.mark.parametrize(
    ("key", "changes"),
    [(None, {}), ("k" * 256, {}), ("shop-1", {"provider": "paygo"}), ("shop-1", {"amount": "-1"})],
    ids=["no key", "a long key", "no such provider", "a negative amount"],
)
def test_what_cannot_be_is_refused_and_keeps_no_key(pay, provider, key, changes):
    assert pay(key, **changes).status_code == 400, f"{changes or key} is not answered with 400"
    call_command("send_outbox")

    assert taken(provider) == 0, "a refused request moved money"
    accepted(pay("shop-1"))


@pytest.mark.check("a-retry-takes-nothing")
def test_a_retry_gets_the_same_answer_and_moves_no_money(pay, provider):
    first = accepted(pay())
    again = accepted(pay())
    call_command("send_outbox")
    later = accepted(pay())
    call_command("send_outbox")

    ids = [first["id"], again["id"], later["id"]]
    assert len(set(ids)) == 1, f"one key gave the payments {', '.join(map(str, ids))}"
    assert taken(provider) == 1, f"one key moved money {taken(provider)} times"


@pytest.mark.check("another-body-is-refused")
@pytest.mark.parametrize("changes", [{"amount": "30.00"}, {"currency": "USD"}, {"card": "tok_other"}], ids=str)
def test_a_known_key_with_another_body_is_refused(pay, provider, changes):
    accepted(pay())
    answer = pay(**changes)
    call_command("send_outbox")

    assert answer.status_code == 422, f"the key came again with {changes}, and the answer was {answer.status_code}"
    assert taken(provider) == 1, f"one key moved money {taken(provider)} times"
