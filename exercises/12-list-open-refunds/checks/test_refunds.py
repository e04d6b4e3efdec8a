"""What support sees of refunds that are still open. HTTP in, HTTP out."""

from datetime import datetime

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client):
    def send(path, **body):
        response = client.post(path, body, content_type="application/json")
        assert response.status_code < 300, f"{path} was refused: {response.content.decode()}"
        return response.json()

    return send


@pytest.fixture
def refund(post):
    """A refund of 5.00 on a new payment through a provider; returns its id."""

    def make(provider="cardly", merchant="Nordlys Books"):
        payment = post("/payments", merchant=merchant, provider=provider, amount="20.00", currency="EUR")
        return post(f"/payments/{payment['id']}/refunds", amount="5.00")["id"]

    return make


@pytest.fixture
def listed(client):
    def get(query=""):
        response = client.get(f"/refunds/open{query}")
        assert response.status_code == 200, f"GET /refunds/open{query} was answered with {response.status_code}"
        return response.json()["refunds"]

    return get


def ids(refunds):
    return [refund["id"] for refund in refunds]


def numbers(found):
    return ", ".join(map(str, found)) or "none"


@pytest.mark.check("payments-as-before")
def test_a_payment_shows_its_refunds(post, client):
    payment = post("/payments", merchant="Nordlys Books", provider="banka", amount="20.00", currency="EUR")
    made = post(f"/payments/{payment['id']}/refunds", amount="5.00")
    post("/statements", settled=[made["id"]])

    found = client.get(f"/payments/{payment['id']}").json()
    wanted = payment | {"refunds": [{"id": made["id"], "amount": "5.00", "open": False}]}
    assert found == wanted, f"the payment reads {found}"


@pytest.mark.check("payments-as-before")
def test_no_more_is_given_back_than_was_paid(post, client):
    payment = post("/payments", merchant="Nordlys Books", provider="banka", amount="20.00", currency="EUR")
    post(f"/payments/{payment['id']}/refunds", amount="15.00")

    refused = client.post(f"/payments/{payment['id']}/refunds", {"amount": "5.01"}, content_type="application/json")
    assert refused.status_code == 409, f"20.01 of 20.00 was given back: {refused.status_code}"


@pytest.mark.check("open-refunds-are-listed")
def test_a_refund_is_listed_with_what_support_must_know(refund, listed):
    made = refund("nordpay", merchant="Fjord Tea")

    refunds = listed()
    assert ids(refunds) == [made], f"of one open refund the list has {numbers(ids(refunds))}"
    found = dict(refunds[0])
    since = found.pop("requested_at", None)
    wanted = {"id": made, "merchant": "Fjord Tea", "provider": "nordpay", "amount": "5.00", "currency": "EUR"}
    assert found == wanted, f"it reads {found}, and should read {wanted} and requested_at"
    assert since is not None, "it has no requested_at"
    assert datetime.fromisoformat(since).tzinfo, f"requested_at is {since!r}, which has no time zone"


@pytest.mark.check("open-refunds-are-listed")
def test_refunds_that_were_sent_are_open_and_the_longest_wait_comes_first(refund, listed, post):
    first, second, third = refund("cardly"), refund("banka"), refund("cardly")
    post("/statements", sent=[second])

    found = ids(listed())
    shown = numbers(found)
    assert set(found) == {first, second, third}, (
        f"refunds {first} and {third} are requested, {second} is sent, and the list has {shown}"
    )
    assert found == [first, second, third], f"they were requested as {first}, {second}, {third}, and listed as {shown}"


@pytest.mark.check("gone-once-they-have-ended")
def test_what_is_settled_or_has_failed_is_not_listed(refund, listed, post):
    settled, failed, still_open = refund(), refund(), refund()
    post("/statements", sent=[settled])
    post("/statements", settled=[settled], failed=[failed])

    found = ids(listed())
    assert found == [still_open], (
        f"refund {settled} is settled, {failed} has failed, {still_open} is open, and the list has {numbers(found)}"
    )


@pytest.mark.check("one-provider-alone")
def test_one_provider_s_refunds_are_listed_alone(refund, listed):
    refund("cardly")
    banka = refund("banka")

    found = ids(listed("?provider=banka"))
    assert found == [banka], f"banka has refund {banka}; with ?provider=banka the list has {numbers(found)}"


@pytest.mark.check("one-provider-alone")
def test_a_provider_that_nobody_knows_has_none(refund, listed):
    refund("cardly")

    found = ids(listed("?provider=cardy"))
    assert found == [], f"with ?provider=cardy, which is misspelt, the list has {numbers(found)}"
