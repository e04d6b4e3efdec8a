"""The masked data for a client that must not see a customer's data."""

import json
from urllib.parse import unquote_plus

import pytest

from webhooks.masking import masked_email, masked_iban, masked_name
from webhooks.models import Delivery

from .factories import an_event


def body(event, client):
    return event.render_for(client)[1].decode()


def test_a_mask_hides_name_email_and_iban(make_client):
    client = make_client("std_json", mask=["customer.name", "customer.email", "customer.iban"])

    customer = json.loads(body(an_event(), client))["data"]["customer"]

    assert customer == {
        "id": "cus_1",
        "name": "Z*** M***",
        "email": "z***@example.com",
        "iban": "DE****************3000",
    }


def test_an_iban_of_under_eight_characters_is_hidden_whole():
    assert masked_iban("DE12345") == "*******"
    assert masked_iban("DE123456") == "DE**3456"


def test_an_excerpt_hides_what_the_client_sent_back(make_client):
    delivery = Delivery.prepared(an_event(), make_client("std_json", mask=["customer.email"]))

    assert delivery.excerpt(b"sorry, zoe@example.com is unknown") == "sorry, z***@example.com is unknown"


@pytest.mark.parametrize(
    ("name", "masked"), [("Al", "A***"), ("  Zoë  Müller ", "  Z***  M*** "), ("张伟\u3000李", "张***\u3000李***")]
)
def test_each_run_of_a_name_keeps_its_first_character(name, masked):
    assert masked_name(name) == masked


@pytest.mark.parametrize(("email", "masked"), [("a@b", "a***@b"), ("zoe@example.com", "z***@example.com")])
def test_an_email_keeps_its_first_character_and_its_domain(email, masked):
    assert masked_email(email) == masked


def test_a_null_is_not_masked(make_client):
    client = make_client("std_json", mask=["customer.email", "customer.iban"])

    customer = json.loads(body(an_event(customer_email=None, customer_iban=None), client))["data"]["customer"]

    assert (customer["email"], customer["iban"]) == (None, None)


def test_free_text_is_not_searched_for_what_is_masked(make_client):
    client = make_client("std_json", mask=["customer.name"])
    event = an_event(customer_name="Zoë", reference="for Zoë", failure_code="05", failure_message="Zoë said no")

    data = json.loads(body(event, client))["data"]

    assert (data["reference"], data["failure"]["message"]) == ("for Zoë", "Zoë said no")


def excerpt(client, body, **changes):
    return Delivery.prepared(an_event(**changes), client).excerpt(body)


def test_an_excerpt_is_masked_before_it_is_cut(make_client):
    client = make_client("std_json", mask=["customer.email"])

    kept = excerpt(client, b"x" * 990 + b"zoe@example.com")

    assert kept == "x" * 990 + "z***@examp"


@pytest.mark.parametrize("name", ["N" * 140, "a b", " "])
@pytest.mark.parametrize("between", ["", "-", "." * 999])
def test_an_excerpt_is_what_masking_the_whole_body_begins_with(make_client, name, between):
    text = f"{name}{between}" * (60_000 // len(name + between))

    kept = excerpt(make_client("std_json", mask=["customer.name"]), text.encode(), customer_name=name)

    assert kept == text.replace(name, masked_name(name))[:1000]


def test_an_excerpt_hides_the_longer_value_where_one_holds_another(make_client):
    client = make_client("std_json", mask=["customer.name", "customer.email"])

    assert excerpt(client, b"to zoe@example.com", customer_name="zoe") == "to z***@example.com"


def test_an_excerpt_is_masked_by_what_the_client_has_now_and_had_then(make_client):
    client = make_client("std_json", mask=["customer.email"])
    delivery = Delivery.prepared(an_event(), client)

    client.format_options = {"mask": ["customer.iban"]}

    assert delivery.excerpt(b"zoe@example.com DE89370400440532013000") == "z***@example.com DE****************3000"


def test_an_excerpt_is_readable_text_whatever_came(make_client):
    assert excerpt(make_client(), b"a\0b\xff\xc3") == "ab\ufffd\ufffd"


def test_an_excerpt_hides_nothing_of_a_customer_without_the_value(make_client):
    client = make_client("std_json", mask=["customer.email"])

    assert excerpt(client, b"zoe@example.com", customer_email=None) == "zoe@example.com"


@pytest.mark.parametrize("format_name", ["std_json", "flat_camel", "xml_bank", "form_legacy", "cloudevents", "csv"])
def test_every_format_masks_what_it_writes(make_client, format_name):
    client = make_client(format_name, mask=["customer.name", "customer.email", "customer.iban"])

    written = unquote_plus(body(an_event(), client))

    assert all(part in written for part in ("Z*** M***", "z***@example.com", "DE****************3000"))
    assert not any(part in written for part in ("Müller", "zoe@", "DE8937"))
