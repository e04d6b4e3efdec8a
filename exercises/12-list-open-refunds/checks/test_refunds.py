"""The open refunds as support sees them. HTTP in, HTTP out."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

pytestmark = pytest.mark.django_db
NAMES = ("Fjord Tea", "tea & more", "Åse O'Neill", "A <3 for Books", "BANKA", "Ærlig 100% AS", "Nordlys " * 9 + "Books")


@pytest.fixture
def post(client):
    def send(path, **body):
        response = client.post(path, body, content_type="application/json")
        assert response.status_code < 300, f"{path} was refused: {response.content.decode()}"
        return response.json()

    return send


@pytest.fixture
def refund(post):
    """Make a refund of 5.00 on a new payment through a provider. Returns its id."""

    def make(provider="cardly", merchant="Nordlys Books"):
        payment = post("/payments", merchant=merchant, provider=provider, amount="20.00", currency="EUR")
        return post(f"/payments/{payment['id']}/refunds", amount="5.00")["id"]

    return make


@pytest.fixture
def listed(client):
    def get(query=""):
        response = client.get(f"/refunds/open{query}")
        assert response.status_code == 200, f"GET /refunds/open{query} got {response.status_code}, not 200"
        return response.json()["refunds"]

    return get


@pytest.fixture
def many():
    """The 80 open ones of 240 refunds of 90 payments, with the longest wait first, as the list should show them."""
    chosen, now = random.Random(12), timezone.now()
    merchant, payment, refund = (apps.get_model("payments", name) for name in ("Merchant", "Payment", "Refund"))
    shops = [merchant.objects.create(name=name) for name in NAMES]
    paid = payment.objects.bulk_create(
        payment(
            merchant=chosen.choice(shops),
            provider=chosen.choice(["nordpay", "cardly", "banka"]),
            amount=20_000_000 + number,
            currency=chosen.choice(["EUR", "SEK", "USD"]),
        )
        for number in range(90)
    )
    states = ["requested"] * 50 + ["sent"] * 30 + ["settled"] * 130 + ["failed"] * 30
    chosen.shuffle(states)
    made = refund.objects.bulk_create(
        refund(payment=chosen.choice(paid), amount=f"{(number + 1) ** 3}.{number % 100:02}", status=status)
        for number, status in enumerate(states)
    )
    waits = chosen.sample(range(60, 60 * 24 * 500), len(made))  # minutes, up to 500 days
    for one, minutes in zip(made, waits, strict=True):
        one.requested_at = now - timedelta(minutes=minutes)
    refund.objects.bulk_update(made, ["requested_at"])
    still_open = [refund for refund in made if refund.status in ("requested", "sent")]
    return sorted(still_open, key=lambda refund: refund.requested_at)


def ids(refunds):
    return [refund["id"] for refund in refunds]


def numbers(found):
    more = f" and {len(found) - 10} more" if len(found) > 10 else ""
    return (", ".join(map(str, found[:10])) or "none") + more


@pytest.mark.check("payments-as-before")
def test_a_payment_shows_its_refunds(post, client):
    payment = post("/payments", merchant="Nordlys Books", provider="banka", amount="20.00", currency="EUR")
    made = post(f"/payments/{payment['id']}/refunds", amount="5.00")
    post("/statements", settled=[made["id"]])

    found = client.get(f"/payments/{payment['id']}").json()
    wanted = payment | {"refunds": [{"id": made["id"], "amount": "5.00", "open": False}]}
    assert found == wanted, f"the answer for a payment should be {wanted}, and is {found}"


@pytest.mark.check("payments-as-before")
def test_no_more_is_given_back_than_was_paid(post, client):
    payment = post("/payments", merchant="Nordlys Books", provider="banka", amount="20.00", currency="EUR")
    refunds = f"/payments/{payment['id']}/refunds"
    failed = post(refunds, amount="15.00")["id"]

    refused = client.post(refunds, {"amount": "5.01"}, content_type="application/json")
    assert refused.status_code == 409, f"a refund of 20.01 for a payment of 20.00 got {refused.status_code}, not 409"
    post(refunds, amount="5.00")
    post("/statements", failed=[failed])
    post("/statements", settled=[failed])
    post(refunds, amount="15.00")
    found = [refund["open"] for refund in client.get(f"/payments/{payment['id']}").json()["refunds"]]
    assert found == [False, True, True], (
        f"of one failed refund and two new refunds, open should be [False, True, True], and is {found}"
    )


@pytest.mark.check("payments-as-before")
def test_what_was_refused_is_refused(post, client):
    payment = post("/payments", merchant="Nordlys Books", provider="banka", amount="20.00", currency="EUR")
    good = {"merchant": "Nordlys Books", "provider": "banka", "amount": "20.00", "currency": "EUR"}
    for path, body, wanted in (
        ("/payments", good | {"provider": "paygo"}, 400),
        ("/payments", good | {"amount": "0"}, 400),
        (f"/payments/{payment['id']}/refunds", {"amount": "-1"}, 400),
        ("/payments/999/refunds", {"amount": "1"}, 404),
    ):
        found = client.post(path, body, content_type="application/json").status_code
        assert found == wanted, f"a POST to {path} with {body} got {found}, not {wanted}"


@pytest.mark.check("payments-as-before")
def test_the_list_writes_nothing(client, many):
    for query in ("", "?provider=banka", "?provider=paygo"):
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/refunds/open{query}")
        wrote = [
            query_asked["sql"]
            for query_asked in asked
            if not query_asked["sql"].lstrip().upper().startswith(("SELECT", "SAVEPOINT", "RELEASE"))
        ]
        assert not wrote, f"GET /refunds/open{query} writes to the database: {wrote[0][:60]}"


@pytest.mark.check("open-refunds-are-listed")
def test_a_refund_is_listed_with_what_support_must_know(refund, listed):
    made = refund("nordpay", merchant="Fjord Tea")

    refunds = listed()
    assert ids(refunds) == [made], f"only refund {made} is open, but the list has {numbers(ids(refunds))}"
    found = dict(refunds[0])
    since = found.pop("requested_at", None)
    wanted = {"id": made, "merchant": "Fjord Tea", "provider": "nordpay", "amount": "5.00", "currency": "EUR"}
    assert found == wanted, f"apart from requested_at, a line should be {wanted}, and is {found}"
    assert since is not None, "a line has no requested_at"
    assert datetime.fromisoformat(since).tzinfo, f"requested_at is {since!r}, which has no time zone"


@pytest.mark.check("open-refunds-are-listed")
def test_refunds_that_were_sent_are_open_and_the_longest_wait_comes_first(refund, listed, post):
    first, second, third = refund("cardly"), refund("banka"), refund("cardly")
    post("/statements", sent=[second])

    found = ids(listed())
    shown = numbers(found)
    assert set(found) == {first, second, third}, (
        f"refunds {first} and {third} are requested and {second} is sent, but the list has {shown}"
    )
    assert found == [first, second, third], (
        f"the refunds were requested in the order {first}, {second}, {third}, but listed as {shown}"
    )


@pytest.mark.check("open-refunds-are-listed")
def test_all_are_listed_however_many_and_however_old(many, listed):
    found = ids(listed())

    assert len(found) == len(many), (
        f"{len(many)} refunds are open, some for up to 500 days, but the list has {len(found)}"
    )
    wanted = [refund.pk for refund in many]
    assert set(found) == set(wanted), (
        f"the list has the id {min(set(found) - set(wanted))}, but no open refund has it; show the refund's own id"
    )
    assert found == wanted, "the 80 open refunds are not in the order of their requests, with the longest wait first"


@pytest.mark.check("open-refunds-are-listed")
def test_each_line_is_of_its_own_refund(many, listed):
    lines = {line["id"]: line for line in listed()}

    for refund in many:
        wanted = {
            "merchant": refund.payment.merchant.name,
            "provider": refund.payment.provider,
            "amount": f"{float(refund.amount):.2f}",
            "currency": refund.payment.currency,
        }
        assert refund.pk in lines, f"refund {refund.pk} is open, but not listed"
        found = {name: lines[refund.pk].get(name) for name in wanted}
        assert found == wanted, f"the line of refund {refund.pk} should have {wanted}, and has {found}"
        said = datetime.fromisoformat(lines[refund.pk]["requested_at"])
        apart = abs(said - refund.requested_at.astimezone(UTC))
        assert apart < timedelta(seconds=1), (
            f"refund {refund.pk} was requested at {refund.requested_at}, but the list shows {said}"
        )


@pytest.mark.check("open-refunds-are-listed")
def test_a_payment_s_refunds_are_listed_each(post, listed):
    for _ in range(3):
        payment = post("/payments", merchant="Fjord Tea", provider="banka", amount="20.00", currency="EUR")
    first, second, third = (post(f"/payments/{payment['id']}/refunds", amount=amount)["id"] for amount in (5, 6, 7))
    post("/statements", settled=[second])

    found = ids(listed())
    assert found == [first, third], (
        f"refunds {first} and {third} of one payment are open, but the list has {numbers(found)}"
    )


@pytest.mark.check("gone-once-they-have-ended")
def test_what_is_settled_or_has_failed_is_not_listed(refund, listed, post):
    settled, failed, still_open = refund(), refund(), refund()
    post("/statements", sent=[settled])
    post("/statements", settled=[settled], failed=[failed])

    found = ids(listed())
    assert found == [still_open], (
        f"refund {settled} is settled, {failed} has failed and {still_open} is open, but the list has {numbers(found)}"
    )


@pytest.mark.check("one-provider-alone")
def test_one_provider_s_refunds_are_listed_alone(refund, listed):
    refund("cardly")
    banka = refund("banka")

    found = ids(listed("?provider=banka"))
    assert found == [banka], f"banka has only refund {banka}, but with ?provider=banka the list has {numbers(found)}"


@pytest.mark.check("one-provider-alone")
@pytest.mark.parametrize("provider", ["nordpay", "cardly", "banka"])
def test_each_provider_s_refunds_are_listed_whole(many, listed, provider):
    found = ids(listed(f"?provider={provider}"))

    wanted = [refund.pk for refund in many if refund.payment.provider == provider]
    assert found == wanted, (
        f"{provider} has {len(wanted)} open refunds, but with ?provider={provider} the list has {len(found)}, "
        f"{len(set(found) & set(wanted))} of them {provider}'s{', in another order' if set(found) == set(wanted) else ''}"
    )


@pytest.mark.check("one-provider-alone")
@pytest.mark.parametrize("provider", ["cardy", "card", "bank", "a", "cardlyx", "%25"])
def test_a_provider_that_nobody_knows_has_none(refund, listed, provider):
    for known in ("cardly", "banka", "nordpay"):
        refund(known)

    found = ids(listed(f"?provider={provider}"))
    assert found == [], f"no provider has the name in ?provider={provider}, but the list has {numbers(found)}"
