"""Request 01: a bank gets records of 120 bytes in ISO-8859-1, and acknowledges them with `00`."""

import pytest
from admin_site import CLIENTS
from history import errors_by_name

from harness.examples import event
from harness.problems import assert_problem
from harness.receiver import Answer

# The list of all formats gets one more entry.
REPLACES = ("test_format_options.py::test_every_format_is_listed_with_its_versions",)

CONTENT_TYPE = "text/plain; charset=iso-8859-1"
TYPES = ["payment.authorized", "payment.captured", "payment.failed", "payment.refunded", "payout.paid"]
COLUMNS = {
    "type": (1, 20),
    "payment": (21, 50),
    "amount": (51, 65),
    "sign": (66, 66),
    "currency": (67, 69),
    "time": (70, 83),
    "name": (84, 103),
    "reference": (104, 120),
}
EXAMPLE_RECORD = (
    b"payment.captured    "
    b"pay_01                        "
    b"000000000001010"
    b"+"
    b"USD"
    b"20261122132724"
    b"Zo\xeb M\xfcller          "
    b"                 "
    b"\r\n"
)


@pytest.fixture
def preview(api, create_client):
    """Previews an event with these changes in the format. Returns the bytes of the columns by their names."""

    def columns_of(changes, options=None):
        client = create_client(format="fixed_width", options=options)
        answer = api.post(f"{client.url}/preview", event(changes))
        assert (answer.status, answer.content_type) == (200, CONTENT_TYPE)
        assert (len(answer.body), answer.body[120:]) == (122, b"\r\n")
        return {name: answer.body[first - 1 : last] for name, (first, last) in COLUMNS.items()}

    return columns_of


# The record


def test_a_client_previews_receives_and_reads_the_same_record(create_client, accepted, deliver):
    client = create_client(format="fixed_width")

    preview = client.api.post(f"{client.url}/preview", event())
    event_id = accepted()
    deliver()
    read = client.api.get(f"/v1/events/{event_id}")

    assert len(EXAMPLE_RECORD) == 122
    assert preview.body == client.inbox.last.body == read.body == EXAMPLE_RECORD
    assert preview.content_type == client.inbox.last.headers["content-type"] == read.content_type == CONTENT_TYPE


def test_all_types_are_sent_and_money_that_leaves_has_a_minus(create_client, accepted, deliver):
    client = create_client(format="fixed_width")
    failure = {"code": "declined", "message": "No funds"}
    for type in TYPES:
        accepted(type=type, data__failure=failure if type == "payment.failed" else None)

    deliver()

    signs = {body[:20].decode().rstrip(): body[65:66] for body in client.inbox.bodies}
    assert signs == dict(zip(TYPES, [b"+", b"+", b"+", b"-", b"-"], strict=True))


@pytest.mark.parametrize(
    ("amount", "currency", "digits"),
    [
        ("1099", "JPY", b"000000000001099"),
        ("1.5", "KWD", b"000000000001500"),
        ("0", "USD", b"000000000000000"),
        ("9999999999999.99", "EUR", b"999999999999999"),
    ],
)
def test_an_amount_has_15_digits_of_minor_units(preview, amount, currency, digits):
    record = preview({"/data/amount": amount, "/data/currency": currency})

    assert (record["amount"], record["currency"]) == (digits, currency.encode())


def test_a_time_is_in_utc_and_cut_to_seconds(preview):
    record = preview({"/occurred_at": "2027-01-01T00:59:59.999999+01:00"})

    assert record["time"] == b"20261231235959"


def test_a_text_is_cut_to_its_column(preview):
    record = preview(
        {
            "/data/payment_id": "p" * 29 + "123",
            "/data/customer/name": "ÄÖÜ" + "n" * 16 + "123",
            "/data/reference": "r" * 16 + "123",
        }
    )

    assert record["payment"] == b"p" * 29 + b"1"
    assert record["name"] == b"\xc4\xd6\xdc" + b"n" * 16 + b"1"
    assert record["reference"] == b"r" * 16 + b"1"


def test_what_iso_8859_1_does_not_have_becomes_a_question_mark(preview):
    record = preview(
        {
            "/data/customer/name": "Jos\u00e9 Nov\u00e1k \u0141 e\u0301 \u20ac\U0001f600",
            "/data/reference": "a\r\nb\tc\u0085d\u00a0e\u00ff\u007f\u201c",
        }
    )

    assert record["name"] == b"Jos\xe9 Nov\xe1k ? e? ??  "
    assert record["reference"] == b"a??b?c?d\xa0e\xff??    "


def test_mask_is_the_only_option(preview, api, client_document):
    name = {"/data/customer/name": "Łukasz Öztürk"}
    all_of_it = {"mask": ["customer.iban", "customer.name", "customer.email"]}
    others = {
        "timezone": "Europe/Berlin",
        "rename": {"type": "t"},
        "null_policy": "omit",
        "event_aliases": {"payout.paid": "x"},
    }

    masked = preview(name, all_of_it)
    refused = {
        option: api.post(
            "/v1/clients",
            client_document(format={"name": "fixed_width", "version": 1, "options": {option: value}}),
        )
        for option, value in others.items()
    }

    assert masked["name"] == b"?*** \xd6***".ljust(20)
    for option, answer in refused.items():
        assert_problem(answer, 422, {f"/format/options/{option}"})


# The acknowledgement and the lists


def test_it_is_acknowledged_by_00_and_a_2xx(api, create_client, accepted, deliver):
    expected = {
        (200, b"00"): None,
        (202, b" \r\n00\n"): None,
        (200, b"\xef\xbb\xbf00"): None,
        (200, b""): "not_acknowledged",
        (200, b"0"): "not_acknowledged",
        (200, b"000"): "not_acknowledged",
        (200, b"0 0"): "not_acknowledged",
        (200, b"00 OK"): "not_acknowledged",
        (200, b"12"): "not_acknowledged",
        (200, b'"00"'): "not_acknowledged",
        (200, "٠٠".encode()): "not_acknowledged",
        (500, b"00"): "bad_status",
    }
    clients = {answer: create_client(format="fixed_width") for answer in expected}
    for (status, body), client in clients.items():
        client.inbox.answer(Answer(status, body))

    accepted()
    deliver()

    assert errors_by_name(api, clients) == expected


def test_the_format_is_listed_and_can_be_chosen_in_the_admin(api, admin, receiver):
    listed = {format["name"]: format["versions"] for format in api.get("/v1/formats").json()}
    page = admin.submit(
        f"{CLIENTS}add/",
        {
            "slug": "bank",
            "name": "Bank",
            "endpoint_url": receiver.url("/bank"),
            "event_types": ["*"],
            "format": "fixed_width@1",
            "format_options": '{"mask": ["customer.name"]}',
        },
    )

    (version,) = listed["fixed_width"]
    assert version["version"] == 1
    assert "2xx" in str(version["ack"])
    assert "00" in str(version["ack"])
    assert set(version["options"]["properties"]) == {"mask"}
    assert "fixed_width" in api.anonymous().get("/v1/openapi.json").text
    assert page.status == 302
    made = {"name": "fixed_width", "version": 1, "options": {"mask": ["customer.name"]}}
    assert api.get("/v1/clients/bank").json()["format"] == made
