import pytest

from tests.builders import a_customer
from webhooks.domain.masking import MASKS, mask_text, masked, masked_email, masked_iban, masked_name

EVERYTHING = ["customer.name", "customer.email", "customer.iban"]


@pytest.mark.parametrize(
    "name, shown",
    [("Al", "A***"), ("Z", "Z***"), ("  Zoë  Müller ", "  Z***  M*** "), ("张伟\u3000李", "张***\u3000李***")],
)
def test_each_run_of_a_name_keeps_its_first_character(name, shown):
    assert masked_name(name) == shown


@pytest.mark.parametrize("email, shown", [("a@b", "a***@b"), ("zoe@example.com", "z***@example.com")])
def test_an_email_keeps_its_first_character_and_its_domain(email, shown):
    assert masked_email(email) == shown


@pytest.mark.parametrize(
    "iban, shown",
    [
        ("DE89370400440532013000", "DE****************3000"),
        ("DE123456", "DE**3456"),
        ("DE12345", "*******"),
        ("D", "*"),
    ],
)
def test_an_iban_keeps_two_and_four_or_nothing_where_it_is_short(iban, shown):
    assert masked_iban(iban) == shown


def test_what_can_be_masked_is_a_customers_name_email_and_iban():
    assert list(MASKS) == EVERYTHING


def test_a_customer_is_masked_where_an_entry_says_so_and_nowhere_else():
    customer = a_customer()

    assert masked(customer, []) == customer
    assert masked(customer, ["customer.name"]) == a_customer(name="Z*** M***")
    assert masked(customer, EVERYTHING) == a_customer(
        name="Z*** M***", email="z***@example.com", iban="DE****************3000"
    )


def test_a_missing_value_of_a_customer_is_not_masked():
    nobody = a_customer(email=None, iban=None)

    assert masked(nobody, ["customer.email", "customer.iban"]) == nobody


def test_a_text_loses_every_exact_occurrence():
    text = "zoe@example.com, ZOE@example.com and zoe@example.com again; Zoë Müller"

    assert mask_text(text, a_customer(), ["customer.email"], 1000) == (
        "z***@example.com, ZOE@example.com and z***@example.com again; Zoë Müller"
    )


def test_a_text_is_left_where_nothing_is_masked_or_nothing_is_known():
    assert mask_text("zoe@example.com", a_customer(), [], 1000) == "zoe@example.com"
    assert mask_text("zoe@example.com", a_customer(email=None), ["customer.email"], 1000) == "zoe@example.com"


def test_the_longer_value_goes_where_one_holds_another():
    customer = a_customer(name="DE12345 Ltd", iban="DE12345")

    assert mask_text("to DE12345 Ltd", customer, ["customer.iban", "customer.name"], 1000) == "to D*** L***"
    assert mask_text("to DE12345 Ltd", customer, ["customer.name", "customer.iban"], 1000) == "to D*** L***"


@pytest.mark.parametrize("name", ["N" * 140, "a b", " "])
@pytest.mark.parametrize("between", ["", "-", "." * 999])
def test_the_first_characters_are_those_of_the_whole_text_masked(name, between):
    text = f"{name}{between}" * (60_000 // len(name + between))

    masked = mask_text(text, a_customer(name=name), ["customer.name"], 1000)

    assert masked == text.replace(name, masked_name(name))[:1000]


def test_a_value_is_searched_for_as_it_is_and_not_as_a_pattern():
    assert mask_text("a.c abc", a_customer(name="a.c"), ["customer.name"], 1000) == "a*** abc"
