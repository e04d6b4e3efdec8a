"""What a customer sees of an invoice: amounts that add up, to the cent. HTTP in, HTTP out."""

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
        assert response.status_code == 201, f"the order was refused: {response.content.decode()}"
        return response.json()

    return send


def together(amounts):
    return sum(map(Decimal, amounts), Decimal(0))


@pytest.mark.check("the-invoice-adds-up")
def test_lines_make_the_subtotal_and_the_voucher_comes_off(order):
    invoice = order("19.90", "5.05", "0.10", voucher="4.00")

    found = (invoice["subtotal"], invoice["voucher"], invoice["due"])
    assert found == ("25.05", "4.00", "21.05"), f"25.05 less 4.00 is 21.05; the invoice says {', '.join(found)}"


@pytest.mark.check("the-invoice-adds-up")
def test_a_voucher_takes_off_no_more_than_there_is(order):
    invoice = order("7.50", voucher="20.00")

    found = (invoice["voucher"], invoice["due"])
    assert found == ("7.50", "0.00"), f"a voucher of 20.00 on 7.50 takes 7.50; the invoice says {', '.join(found)}"


@pytest.mark.check("the-invoice-adds-up")
def test_an_order_without_lines_costs_nothing(order):
    invoice = order(voucher="5.00")

    found = (invoice["subtotal"], invoice["due"], invoice["instalments"])
    assert found == ("0.00", "0.00", ["0.00"]), f"nothing costs 0.00; the invoice says {found}"


@pytest.mark.check("the-voucher-is-shared-out")
@pytest.mark.parametrize(
    ("prices", "voucher"),
    [(("10.00", "10.00", "10.00"), "10.00"), (("20.00", "10.00"), "5.00"), (("9.99", "0.01"), "1.00")],
    ids=["three alike", "two to one", "a tiny one"],
)
def test_the_discounts_on_the_lines_make_the_voucher(order, prices, voucher):
    invoice = order(*prices, voucher=voucher)

    discounts = [line["discount"] for line in invoice["lines"]]
    assert together(discounts) == Decimal(voucher), f"{' + '.join(discounts)} is not {voucher}"
    fair = [Decimal(voucher) * Decimal(price) / together(prices) for price in prices]
    far = [
        given for given, share in zip(discounts, fair, strict=True) if abs(Decimal(given) - share) >= Decimal("0.01")
    ]
    assert not far, f"{', '.join(far)} of {voucher} is a cent or more from that line's share"


@pytest.mark.check("the-voucher-is-shared-out")
def test_a_line_costs_what_is_left_of_it(order):
    line = order("10.00", "20.00", voucher="3.00")["lines"][0]

    found = (line["total"], line["discount"], line["to_pay"])
    assert found == ("10.00", "1.00", "9.00"), f"10.00 less 1.00 is 9.00; the line says {', '.join(found)}"


@pytest.mark.check("instalments-make-the-whole")
@pytest.mark.parametrize(("due", "parts"), [("100.00", 3), ("50.00", 4), ("10.00", 6)])
def test_instalments_make_what_is_due(order, due, parts):
    instalments = order(due, instalments=parts)["instalments"]

    assert len(instalments) == parts, f"{parts} instalments were agreed, {len(instalments)} are listed"
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
    """Each order of a section in words, its invoice now, and its invoice at the start."""

    def ask(section):
        for order, now, then in as_at_start(section):
            assert isinstance(now, dict), f"the order of {order}, was refused with status {now}"
            yield order, now["made"], then["made"], now["shown"]

    return ask


@pytest.mark.parametrize(
    "section",
    [
        pytest.param("invoices", marks=pytest.mark.check("the-invoice-adds-up")),
        pytest.param("invoices in yen", marks=pytest.mark.check("yen-has-no-cents")),
    ],
)
def test_any_invoice_says_what_it_said_at_the_start(invoices, section):
    for order, now, then, shown in invoices(section):
        for name in AS_IT_WAS:
            assert now[name] == then[name], f"{name} of {order}, was {then[name]}, and is {now[name]}"
        for line, before in zip(now["lines"], then["lines"], strict=True):
            found, wanted = (line["title"], line["total"]), (before["title"], before["total"])
            assert found == wanted, f"a line of {order}, was {wanted}, and is {found}"
            left = Decimal(line["total"]) - Decimal(line["discount"])
            assert Decimal(line["to_pay"]) == left, f"{line['total']} less {line['discount']} is not {line['to_pay']}"
        assert shown == now, f"the invoice of {order}, asked for a second time, says something else"


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
def test_amounts_are_written_in_whole_cents_and_none_is_less_than_nothing(invoices, section):
    for order, now, then, _ in invoices(section):
        _, pattern = CENT.get(now["currency"], CENT_ELSEWHERE)
        if all(re.fullmatch(pattern, amount) for amount in amounts(then)):
            for amount in amounts(now):
                assert re.fullmatch(pattern, amount), f"{order}, has an amount of {amount!r} on its invoice"


def unfair(shares, whole, weights, cent):
    """The share that is `cent` or more from its part, in words; None where all are."""
    for share, weight in zip(shares, weights, strict=True):
        part = Fraction(whole) * Fraction(weight) / (sum(map(Fraction, weights)) or 1)
        if abs(Fraction(share) - part) >= Fraction(cent):
            return f"{share} is {cent} or more from {float(part):.4f}"
    return None


# The start has unfair shares as well, which is the job of `allocate`: here what was fair must stay so.


@pytest.mark.parametrize(
    "section",
    [
        pytest.param("invoices", marks=pytest.mark.check("the-voucher-is-shared-out")),
        pytest.param("invoices in yen", marks=pytest.mark.check("yen-has-no-cents")),
    ],
)
def test_any_voucher_is_shared_out(invoices, section):
    for order, now, then, _ in invoices(section):
        if not now["lines"]:
            continue
        cent, _ = CENT.get(now["currency"], CENT_ELSEWHERE)
        totals = [line["total"] for line in now["lines"]]
        discounts, before = ([line["discount"] for line in invoice["lines"]] for invoice in (now, then))
        assert together(discounts) == Decimal(now["voucher"]), f"{' + '.join(discounts)} is not {now['voucher']}"
        if not unfair(before, now["voucher"], totals, cent):
            wrong = unfair(discounts, now["voucher"], totals, cent)
            assert not wrong, f"of the discounts on {order}, {wrong}"


@pytest.mark.parametrize(
    "section",
    [
        pytest.param("invoices", marks=pytest.mark.check("instalments-make-the-whole")),
        pytest.param("invoices in yen", marks=pytest.mark.check("yen-has-no-cents")),
    ],
)
def test_any_instalments_make_what_is_due(invoices, section):
    for order, now, then, _ in invoices(section):
        cent, _ = CENT.get(now["currency"], CENT_ELSEWHERE)
        parts, before = now["instalments"], then["instalments"]
        assert len(parts) == len(before), f"{order}, lists {len(parts)} instalments"
        assert together(parts) == Decimal(now["due"]), f"{' + '.join(parts)} is not {now['due']}"
        if not unfair(before, now["due"], [1] * len(parts), cent):
            wrong = unfair(parts, now["due"], [1] * len(parts), cent)
            assert not wrong, f"of the instalments of {order}, {wrong}"
