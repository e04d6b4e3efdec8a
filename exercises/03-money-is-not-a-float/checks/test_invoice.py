"""What a customer sees of an invoice: amounts that add up, to the cent. HTTP in, HTTP out."""

from decimal import Decimal

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
