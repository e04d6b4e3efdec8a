from decimal import Decimal

import pytest

from webhooks.domain.money import AmountError, Money, digits_of, is_currency, parse_amount


@pytest.mark.parametrize(
    "amount, currency, text",
    [("10.1", "USD", "10.10"), ("1099", "JPY", "1099"), ("2", "KWD", "2.000"), ("0", "CLF", "0.0000")],
)
def test_an_amount_is_written_with_exactly_its_currencys_decimals(amount, currency, text):
    assert Money(Decimal(amount), currency).text == text


def test_an_amount_from_the_database_with_four_decimals_is_written_no_longer():
    assert Money(Decimal("10.1000"), "USD").text == "10.10"


def test_large_amounts_are_written_without_an_exponent():
    assert Money(Decimal("1E+12"), "USD").text == "1000000000000.00"


def test_amounts_are_equal_where_their_values_are():
    assert Money(Decimal("1.10"), "USD") == Money(Decimal("1.1"), "USD")
    assert Money(Decimal("1.1"), "USD") != Money(Decimal("1.1"), "EUR")


@pytest.mark.parametrize("amount, currency, units", [("10.10", "USD", 1010), ("7", "JPY", 7), ("1.5", "KWD", 1500)])
def test_minor_units_are_those_of_iso_4217(amount, currency, units):
    assert Money(Decimal(amount), currency).minor_units() == units


def test_a_provider_may_count_in_other_minor_units():
    assert Money(Decimal("10.10"), "USD").minor_units(4) == 101000
    assert Money(Decimal("10.10"), "USD").minor_units(0) == 10


@pytest.mark.parametrize("amount, units", [("0.50", 0), ("1.50", 2), ("2.50", 2), ("2.51", 3)])
def test_a_dropped_digit_rounds_half_to_even(amount, units):
    assert Money(Decimal(amount), "USD").minor_units(0) == units


@pytest.mark.parametrize(
    "text, currency, amount",
    [
        ("10.10", "USD", "10.10"),
        ("10.1", "USD", "10.1"),
        ("10", "USD", "10"),
        ("0010.10", "USD", "10.10"),
        ("0", "JPY", "0"),
        ("000.00", "USD", "0"),
        ("0.5", "USD", "0.5"),
        ("1.234", "KWD", "1.234"),
        ("1.2345", "CLF", "1.2345"),
    ],
)
def test_a_text_becomes_its_amount(text, currency, amount):
    assert parse_amount(text, currency) == Decimal(amount)


@pytest.mark.parametrize("text", ["", ".5", "5.", "-1", "+1", "1e3", "1,000", " 1", "1\n", "١", "1.2.3"])
def test_what_is_no_amount_says_so(text):
    with pytest.raises(AmountError, match=r"^Expected an amount such as 10\.10\.$"):
        parse_amount(text, "USD")


@pytest.mark.parametrize("text, currency, digits", [("1.0", "JPY", 0), ("1.001", "USD", 2), ("1.0000", "KWD", 3)])
def test_an_amount_has_no_more_decimals_than_its_currency(text, currency, digits):
    with pytest.raises(AmountError, match=f"^{currency} has {digits} decimals\\.$"):
        parse_amount(text, currency)


@pytest.mark.parametrize("text, currency", [("9" * 13, "USD"), ("00" + "9" * 13 + ".99", "USD"), ("9" * 15, "JPY")])
def test_fifteen_digits_in_minor_units_are_an_amount(text, currency):
    assert parse_amount(text, currency) == Decimal(text)


@pytest.mark.parametrize("text, currency", [("1" + "0" * 13, "USD"), ("1" + "0" * 15, "JPY"), ("1" + "0" * 11, "CLF")])
def test_sixteen_digits_in_minor_units_are_too_many(text, currency):
    with pytest.raises(AmountError, match=r"^An amount has at most 15 digits in minor units\.$"):
        parse_amount(text, currency)


def test_the_form_of_an_amount_needs_no_currency():
    assert digits_of("001.234567") == ("1", "234567")
    with pytest.raises(AmountError, match=r"^Expected an amount such as 10\.10\.$"):
        digits_of("one")


def test_a_currency_is_active_and_has_a_minor_unit():
    assert [is_currency(code) for code in ("USD", "JPY", "KWD")] == [True] * 3
    assert [is_currency(code) for code in ("usd", "XAU", "DEM", "")] == [False] * 4
