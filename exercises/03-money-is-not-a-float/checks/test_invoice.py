"""An invoice as the customer sees it: its amounts add up, to the cent. HTTP in, HTTP out."""

import re
from decimal import Decimal
from fractions import Fraction

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(client):
    def send(*prices, currency="EUR", voucher="0", instalments=1):
        lines = [{"title": f"Book {number}", "price": price} for number, price in enumerate(prices, start=1)]
        body = {"currency": currency, "voucher": voucher, "instalments": instalments, "lines": lines}
        response = client.post("/orders", body, content_type="application/json")
        assert response.status_code == 201, (
            f"POST /orders answers {response.status_code} {response.content.decode()[:200]}"
        )
        return response.json()

    return send


def together(amounts):
    return sum(map(Decimal, amounts), Decimal(0))


@pytest.mark.check("the-invoice-adds-up")
def test_the_due_amount_is_the_subtotal_less_the_voucher(order):
    invoice = order("19.90", "5.05", "0.10", voucher="4.00")

    found = (invoice["subtotal"], invoice["voucher"], invoice["due"])
    assert found == ("25.05", "4.00", "21.05"), f"25.05 less 4.00 is 21.05; the invoice says {', '.join(found)}"


@pytest.mark.check("the-invoice-adds-up")
def test_a_voucher_takes_off_at_most_the_subtotal(order):
    invoice = order("7.50", voucher="20.00")

    found = (invoice["voucher"], invoice["due"])
    assert found == ("7.50", "0.00"), f"a voucher of 20.00 takes 7.50 off 7.50; the invoice says {', '.join(found)}"


@pytest.mark.check("the-invoice-adds-up")
def test_an_order_without_lines_costs_nothing(order):
    invoice = order(voucher="5.00")

    found = (invoice["subtotal"], invoice["due"], invoice["instalments"])
    assert found == ("0.00", "0.00", ["0.00"]), f"an order without lines costs 0.00; the invoice says {found}"


@pytest.mark.check("the-voucher-is-shared-out")
@pytest.mark.parametrize(
    ("prices", "voucher"),
    [(("10.00", "10.00", "10.00"), "10.00"), (("20.00", "10.00"), "5.00"), (("9.99", "0.01"), "1.00")],
    ids=["three equal", "two to one", "a tiny one"],
)
def test_the_discounts_add_up_to_the_voucher(order, prices, voucher):
    invoice = order(*prices, voucher=voucher)

    discounts = [line["discount"] for line in invoice["lines"]]
    assert together(discounts) == Decimal(voucher), f"{' + '.join(discounts)} is not {voucher}"
    fair = [Decimal(voucher) * Decimal(price) / together(prices) for price in prices]
    far = [
        given for given, share in zip(discounts, fair, strict=True) if abs(Decimal(given) - share) >= Decimal("0.01")
    ]
    assert not far, f"a discount of {', '.join(far)} is a cent or more from the exact share of a voucher of {voucher}"


@pytest.mark.check("the-voucher-is-shared-out")
def test_a_line_costs_its_total_less_its_discount(order):
    line = order("10.00", "20.00", voucher="3.00")["lines"][0]

    found = (line["total"], line["discount"], line["to_pay"])
    assert found == ("10.00", "1.00", "9.00"), f"10.00 less 1.00 is 9.00; the line says {', '.join(found)}"


@pytest.mark.check("instalments-make-the-whole")
@pytest.mark.parametrize(("due", "parts"), [("100.00", 3), ("50.00", 4), ("10.00", 6)])
def test_instalments_add_up_to_the_amount_due(order, due, parts):
    instalments = order(due, instalments=parts)["instalments"]

    assert len(instalments) == parts, f"the invoice lists {len(instalments)} instalments instead of {parts}"
    assert together(instalments) == Decimal(due), f"{' + '.join(instalments)} is not {due}"


@pytest.mark.check("yen-has-no-cents")
def test_amounts_in_yen_are_whole(order):
    invoice = order("1000", "500", currency="JPY", voucher="100", instalments=3)

    found = [invoice["due"], *invoice["instalments"], *(line["discount"] for line in invoice["lines"])]
    assert all(amount.isdigit() for amount in found), f"yen have no cents; the invoice says {', '.join(found)}"
    assert together(invoice["instalments"]) == 1400, f"{' + '.join(invoice['instalments'])} is not 1400"


AS_IT_WAS = ("currency", "subtotal", "voucher", "due")
CENT = {"JPY": (Decimal(1), r"\d+")}
CENT_ELSEWHERE = (Decimal("0.01"), r"\d+\.\d\d")


@pytest.fixture
def invoices(as_at_start):
    """Each order of a section in words, its invoice now, its invoice at the start, and its invoice on a later request."""

    def ask(section):
        for order, now, then in as_at_start(section):
            assert isinstance(now, dict), f"POST /orders answers {now} for an order of {order}"
            yield order, now["made"], then["made"], now["shown"]

    return ask


@pytest.mark.parametrize(
    "section",
    [
        pytest.param("invoices", marks=pytest.mark.check("the-invoice-adds-up")),
        pytest.param("invoices in yen", marks=pytest.mark.check("yen-has-no-cents")),
    ],
)
def test_every_invoice_is_the_same_as_at_the_start(invoices, section):
    for order, now, then, shown in invoices(section):
        for name in AS_IT_WAS:
            assert now[name] == then[name], (
                f"`{name}` is {now[name]} and was {then[name]} at the start; the order is {order}"
            )
        for line, before in zip(now["lines"], then["lines"], strict=True):
            found, wanted = (line["title"], line["total"]), (before["title"], before["total"])
            assert found == wanted, f"a line is {found} and was {wanted} at the start; the order is {order}"
            left = Decimal(line["total"]) - Decimal(line["discount"])
            assert Decimal(line["to_pay"]) == left, f"{line['total']} less {line['discount']} is not {line['to_pay']}"
        assert shown == now, f"a second request returns another invoice; the order is {order}"


def amounts(invoice):
    lines = [line[name] for line in invoice["lines"] for name in ("total", "discount", "to_pay")]
    return [invoice["subtotal"], invoice["voucher"], invoice["due"], *invoice["instalments"], *lines]


@pytest.mark.parametrize(
    "section",
    [
        pytest.param("invoices", marks=pytest.mark.check("the-invoice-adds-up")),
        pytest.param("invoices in yen", marks=pytest.mark.check("yen-has-no-cents")),
    ],
)
def test_amounts_are_whole_cents_and_never_negative(invoices, section):
    for order, now, then, _ in invoices(section):
        _, pattern = CENT.get(now["currency"], CENT_ELSEWHERE)
        if all(re.fullmatch(pattern, amount) for amount in amounts(then)):
            for amount in amounts(now):
                assert re.fullmatch(pattern, amount), f"the invoice has the amount {amount!r}; the order is {order}"


def unfair(shares, whole, weights, cent):
    """The first share that is `cent` or more from its exact part, in words; None if there is none."""
    for share, weight in zip(shares, weights, strict=True):
        part = Fraction(whole) * Fraction(weight) / (sum(map(Fraction, weights)) or 1)
        if abs(Fraction(share) - part) >= Fraction(cent):
            return f"{share} is {cent} or more from its exact share {float(part):.4f}"
    return None


# start/ has unfair shares too, and fixing them is the job of `allocate`. These tests check only that fair shares stay fair.


@pytest.mark.parametrize(
    "section",
    [
        pytest.param("invoices", marks=pytest.mark.check("the-voucher-is-shared-out")),
        pytest.param("invoices in yen", marks=pytest.mark.check("yen-has-no-cents")),
    ],
)
def test_every_voucher_is_divided_between_the_lines(invoices, section):
    for order, now, then, _ in invoices(section):
        if not now["lines"]:
            continue
        cent, _ = CENT.get(now["currency"], CENT_ELSEWHERE)
        totals = [line["total"] for line in now["lines"]]
        discounts, before = ([line["discount"] for line in invoice["lines"]] for invoice in (now, then))
        assert together(discounts) == Decimal(now["voucher"]), f"{' + '.join(discounts)} is not {now['voucher']}"
        if not unfair(before, now["voucher"], totals, cent):
            wrong = unfair(discounts, now["voucher"], totals, cent)
            assert not wrong, f"a discount of {wrong}; the order is {order}"


@pytest.mark.parametrize(
    "section",
    [
        pytest.param("invoices", marks=pytest.mark.check("instalments-make-the-whole")),
        pytest.param("invoices in yen", marks=pytest.mark.check("yen-has-no-cents")),
    ],
)
def test_all_instalments_add_up_to_the_amount_due(invoices, section):
    for order, now, then, _ in invoices(section):
        cent, _ = CENT.get(now["currency"], CENT_ELSEWHERE)
        parts, before = now["instalments"], then["instalments"]
        assert len(parts) == len(before), (
            f"the invoice lists {len(parts)} instalments instead of {len(before)}; the order is {order}"
        )
        assert together(parts) == Decimal(now["due"]), f"{' + '.join(parts)} is not {now['due']}"
        if not unfair(before, now["due"], [1] * len(parts), cent):
            wrong = unfair(parts, now["due"], [1] * len(parts), cent)
            assert not wrong, f"an instalment of {wrong}; the order is {order}"
