"""Payments as a merchant sees them, and the calls to the providers. HTTP in, HTTP out."""

import json

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.urls import get_resolver

from workshop.exercises.findings import Project
from workshop.exercises.probes import memory, outside

pytestmark = pytest.mark.django_db(transaction=True)
BODY = {"provider": "cardly", "amount": "20.00", "currency": "EUR", "card": "tok_visa"}
OTHERS = [
    {"amount": "30.00"},
    {"amount": "20.01"},
    {"amount": "2000"},
    {"currency": "USD"},
    {"card": "tok_other"},
    {"provider": "nordpay"},
    {"amount": "30.00", "currency": "USD", "card": "tok_other", "provider": "nordpay"},
]


@pytest.fixture
def provider(settings, project_dir):
    cache.clear()  # as the database is
    list(get_resolver().url_patterns)  # imports every view
    started = memory.of(Project(project_dir, project_dir))
    down = set()

    def answer(path, body):
        if path in down:
            raise outside.Down
        return {"status": "declined" if body["card"] == "tok_broke" else "done"}

    with outside.listening(answer) as there:
        settings.PROVIDERS_URL = there.url
        there.down = down
        yield there
    memory.forget(started)


@pytest.fixture
def pay(client, provider):
    def send(key="shop-1", **changes):
        headers = {"Idempotency-Key": key} if key is not None else {}
        return client.post("/payments", BODY | changes, content_type="application/json", headers=headers)

    return send


def taken(provider):
    """How often money moved. A provider processes each reference once."""
    return len({body["reference"] for _, body in provider.asked})


def accepted(response):
    assert response.status_code == 201, (
        f"a request should get 201, and got {response.status_code}: {response.content.decode()}"
    )
    return response.json()


@pytest.mark.check("a-payment-goes-through")
@pytest.mark.parametrize(("card", "status"), [("tok_visa", "done"), ("tok_broke", "declined")])
def test_a_payment_is_settled_once_the_outbox_has_been_sent(pay, client, provider, card, status):
    payment = accepted(pay(card=card))
    said = payment["status"]
    assert said == "pending" or (provider.asked and said == status), (
        f"the answer says that the payment is {said}, but only the provider decides that, and it has "
        f"{'answered ' + status if provider.asked else 'not been asked yet'}; answer pending until it has decided"
    )
    call_command("send_outbox")
    call_command("send_outbox")

    shown = client.get(f"/payments/{payment['id']}").json()
    assert shown["status"] == status, f"after send_outbox, a payment with {card} is {shown['status']}, not {status}"
    assert taken(provider) == 1, f"for one payment the provider was asked to move money {taken(provider)} times"
    path, body = provider.asked[0]
    asked = (path, body["kind"], body["amount"], body["currency"])
    wanted = ("/cardly", "payment", "20.00", "EUR")
    assert asked == wanted, f"the provider was asked for {asked}, not for {wanted}"


@pytest.mark.check("a-payment-goes-through")
def test_the_same_body_under_another_key_is_another_payment(pay, provider):
    first, second = accepted(pay("shop-1")), accepted(pay("shop-2"))
    call_command("send_outbox")

    assert first["id"] != second["id"], "two keys gave one payment, so a customer who buys two tickets pays for one"
    assert taken(provider) == 2, f"two payments moved money {taken(provider)} times"


@pytest.mark.check("a-payment-goes-through")
def test_a_refund_goes_back(pay, client, provider):
    payment = accepted(pay())
    call_command("send_outbox")

    refund = accepted(client.post(f"/payments/{payment['id']}/refund"))
    call_command("send_outbox")

    assert client.get(f"/payments/{refund['id']}").json()["status"] == "done", (
        "after send_outbox, the refund is not done"
    )
    assert [body["kind"] for _, body in provider.asked] == ["payment", "refund"], (
        "the provider should be asked for one payment and one refund"
    )


@pytest.mark.check("a-payment-goes-through")
def test_the_amount_is_answered_and_charged_to_the_cent(pay, client, provider):
    for amount in ("19.99", "0.01", "20.50", "20", "1234567890.12"):
        payment = accepted(pay(f"of {amount}", amount=amount, card=amount))
        call_command("send_outbox")

        shown = client.get(f"/payments/{payment['id']}").json()["amount"]
        charged = next(body["amount"] for _, body in provider.asked if body["card"] == amount)
        found = (payment["amount"], shown, f"{float(charged):.2f}")
        wanted = (f"{float(amount):.2f}",) * 3
        assert found == wanted, f"an amount of {amount} is answered, shown and charged as {', '.join(found)}"


@pytest.mark.check("a-payment-goes-through")
def test_a_payment_is_what_was_asked_for(pay, client, provider):
    for number, name in enumerate(["nordpay", "cardly", "banka"]):
        payment = accepted(pay(name, provider=name, currency="USD"))
        call_command("send_outbox")

        shown = client.get(f"/payments/{payment['id']}").json()
        found = (shown["kind"], shown["provider"], shown["currency"], provider.asked[number][0])
        wanted = ("payment", name, "USD", f"/{name}")
        assert found == wanted, f"a payment of US dollars through {name} became {found}"


@pytest.mark.check("a-payment-goes-through")
def test_keys_that_differ_anywhere_are_two_keys(pay, provider):
    long, longest = "k" * 40, "k" * 254
    keys = ["shop-1", "Shop-1", "shop.1", "shop1", "1", "01", f"{long}1", f"{long}2", f"{longest}1", f"{longest}2"]
    had = {}
    for key in keys:
        payment = accepted(pay(key))["id"]
        short = key if len(key) < 20 else f"{key[:3]}…{key[-1]} ({len(key)} characters)"
        assert payment not in had, f"{short} and {had.get(payment)} are two keys, but gave one payment"
        had[payment] = short
    call_command("send_outbox")

    assert taken(provider) == len(keys), f"{len(keys)} keys moved money {taken(provider)} times"


@pytest.mark.check("a-payment-goes-through")
def test_a_provider_that_is_down_is_told_later_and_holds_up_nobody(pay, client, provider):
    payments = [accepted(pay(name, provider=name)) for name in ("banka", "cardly")]
    call_command("send_outbox")
    refunds = [accepted(client.post(f"/payments/{payment['id']}/refund"))["id"] for payment in payments]

    def states():
        call_command("send_outbox")
        return [client.get(f"/payments/{refund}").json()["status"] for refund in refunds]

    provider.down.add("/banka")
    found = states()
    assert found == ["pending", "done"], f"banka is down and cardly is not, but their refunds are {' and '.join(found)}"
    provider.down.clear()
    found = states()
    assert found == ["done", "done"], f"banka is up again, but after send_outbox its refund is {found[0]}"


@pytest.mark.check("a-payment-goes-through")
@pytest.mark.parametrize(
    ("key", "changes"),
    [(None, {}), ("k" * 256, {}), ("shop-1", {"provider": "paygo"}), ("shop-1", {"amount": "-1"})],
    ids=["no key", "a long key", "no such provider", "a negative amount"],
)
def test_what_cannot_be_is_refused_and_keeps_no_key(pay, provider, key, changes):
    assert pay(key, **changes).status_code == 400, f"a request with {changes or key} should get 400"
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
    assert len(set(ids)) == 1, f"one key gave several payments: {', '.join(map(str, ids))}"
    assert taken(provider) == 1, f"one key moved money {taken(provider)} times"


@pytest.mark.check("a-retry-takes-nothing")
def test_a_retry_is_the_same_however_its_amount_is_written(pay, provider):
    for amount in ("10.1", "10", "0010.10", "1e1", 10.1, 20, "10.005", "10.004", "0.001"):
        first, again = (pay(f"of {amount!r}", amount=amount, card=repr(amount)) for _ in range(2))
        call_command("send_outbox")

        written = f"an amount written as {json.dumps(amount)} in the body"
        assert first.status_code in (201, 400), f"{written} got {first.status_code}"
        assert again.status_code == first.status_code, (
            f"{written} got {first.status_code}, and the same body again got {again.status_code}; "
            "a payment keeps two decimals, so round before you compare"
        )
        said, said_again = (
            {**answer.json(), "status": ""} for answer in (first, again)
        )  # the payment may be done by then
        assert said_again == said, f"{written} got {first.json()}, and the same body again got {again.json()}"
        moved = len({body["reference"] for _, body in provider.asked if body["card"] == repr(amount)})
        wanted = 1 if first.status_code == 201 else 0
        assert moved == wanted, f"{written}, requested twice, moved money {moved} times"


@pytest.mark.check("a-retry-takes-nothing")
def test_a_declined_payment_keeps_its_key(pay, client, provider):
    first = accepted(pay(card="tok_broke"))
    call_command("send_outbox")

    again = accepted(pay(card="tok_broke"))
    call_command("send_outbox")

    assert again["id"] == first["id"], "a retry of a declined payment, with its key, made another payment"
    assert taken(provider) == 1, (
        f"a retry of a declined payment asked the provider again, {taken(provider)} times in all"
    )
    shown = client.get(f"/payments/{first['id']}").json()["status"]
    assert shown == "declined", f"after its retry, a declined payment is {shown}"


@pytest.mark.check("another-body-is-refused")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_known_key_with_another_body_is_refused(pay, client, provider, when):
    """Before or after the outbox has been sent."""
    first = accepted(pay())
    if when == "after":
        call_command("send_outbox")
    for changes in OTHERS:
        found = pay(**changes).status_code
        assert found == 422, f"the key came again with {changes}, and the answer was {found}, not 422"
    call_command("send_outbox")

    assert taken(provider) == 1, f"one key moved money {taken(provider)} times"
    shown = client.get(f"/payments/{first['id']}").json()
    assert shown == first | {"status": "done"}, f"refused bodies have changed the payment to {shown}"
    asked = {name: provider.asked[0][1][name] for name in ("amount", "currency", "card")}
    assert asked == {name: BODY[name] for name in asked}, f"refused bodies have reached the provider: {asked}"
