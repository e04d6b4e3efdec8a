"""Section 4's options: those of each format, their allowed values, and the pointers of bad values."""

from importlib.resources import files

import jsonschema
import pytest

from harness.examples import event
from harness.http import Api
from harness.problems import assert_problem

GOOD = {
    "null_policy": "omit",
    "rename": {},
    "mask": ["customer.email"],
    "minor_units": {"USD": 3},
    "timezone": "Europe/Berlin",
    "event_aliases": {"payment.captured": "captured"},
    "threshold": {"USD": "100.00"},
}
TAKES = {
    "std_json@1": {"null_policy", "rename", "mask", "event_aliases"},
    "flat_camel@1": {"null_policy", "rename", "mask", "minor_units", "event_aliases"},
    "flat_camel@2": {"null_policy", "rename", "mask", "minor_units", "event_aliases"},
    "xml_bank@1": {"timezone", "mask", "event_aliases"},
    "form_legacy@1": {"timezone", "rename", "mask", "event_aliases"},
    "cloudevents@1": {"null_policy", "mask", "event_aliases"},
    "slack_blocks@1": {"threshold", "mask", "event_aliases"},
    "csv@1": {"timezone", "rename", "mask", "event_aliases"},
}
STD_FIELDS = ["payment_id", "amount", "currency", "status", "customer", "reference", "failure"]
FLAT_FIELDS = [
    *("eventType", "occurredAt", "paymentId", "amountMinor", "currency", "status", "customerId", "customerName"),
    *("customerEmail", "customerIban", "reference", "failureCode", "failureMessage"),
]
FORM_FIELDS = [
    *("event", "date", "payment", "amount", "currency", "status", "customer[id]", "customer[name]"),
    *("customer[email]", "customer[iban]", "reference", "failure[code]", "failure[message]"),
]
FIELDS = {
    "std_json@1": STD_FIELDS,
    "flat_camel@1": FLAT_FIELDS,
    "flat_camel@2": ["amount" if name == "amountMinor" else name for name in FLAT_FIELDS if name != "currency"],
    "form_legacy@1": FORM_FIELDS,
    "csv@1": FORM_FIELDS,
}
OPTIONS = "/format/options"


def pinned(format, options):
    name, _, version = format.partition("@")
    return {"name": name, "version": int(version), "options": options}


@pytest.fixture
def try_options(api, client_document, create_client):
    """Pins a format with these options at creation and by a patch; both say the same. Returns the creation's answer."""
    client = create_client()

    def attempt(format, options):
        created = api.post("/v1/clients", client_document(format=pinned(format, options)))
        patched = api.patch(client.url, {"format": pinned(format, options)})
        if created.status == 201:
            assert patched.status == 200
            assert patched.json()["format"] == created.json()["format"] == pinned(format, options)
        else:
            assert patched.json() == created.json()
        return created

    return attempt


# Which options


@pytest.mark.parametrize("format", TAKES)
def test_a_format_takes_its_own_options_and_no_other(try_options, format):
    for option, value in GOOD.items():
        response = try_options(format, {option: value})
        if option in TAKES[format]:
            assert response.status == 201, (option, response.body)
        else:
            assert_problem(response, 422, {f"{OPTIONS}/{option}"})


@pytest.mark.parametrize("format", TAKES)
def test_a_format_takes_all_its_options_at_once_and_keeps_them(try_options, format):
    options = {option: GOOD[option] for option in TAKES[format]}

    assert try_options(format, options).json()["format"]["options"] == options


@pytest.mark.parametrize("format", TAKES)
def test_an_option_that_nobody_knows_is_refused(try_options, format):
    response = try_options(format, {"indent": 2, "Mask": []})

    assert_problem(response, 422, {f"{OPTIONS}/indent", f"{OPTIONS}/Mask"})


@pytest.mark.parametrize("options", [None, [], "mask", 5, True])
def test_options_are_an_object(try_options, options):
    assert_problem(try_options("std_json@1", options), 422, {OPTIONS})


def test_every_bad_option_is_named(try_options):
    options = {
        "null_policy": "drop",
        "rename": {"type": "kind", "amount": "1st"},
        "mask": ["customer.name", "customer.id", "everything"],
        "minor_units": {"USD": 5},
        "event_aliases": {"payment.settled": "s", "payment.captured": ""},
    }

    response = try_options("flat_camel@1", options)

    expected = {
        "/null_policy",
        "/rename/type",
        "/rename/amount",
        "/mask/1",
        "/mask/2",
        "/minor_units/USD",
        "/event_aliases/payment.settled",
        "/event_aliases/payment.captured",
    }
    assert_problem(response, 422, {OPTIONS + pointer for pointer in expected})


def test_a_refused_option_changes_nothing(create_client, api, database):
    client = create_client(format="csv", options={"timezone": "Asia/Tokyo"})
    before = database.snapshot()

    api.patch(client.url, {"name": "B", "format": pinned("csv@1", {"timezone": "Mars/Base"})})

    assert database.snapshot() == before


# null_policy


@pytest.mark.parametrize("policy", ["keep", "omit", "empty"])
def test_null_policies(try_options, policy):
    for format in ("std_json@1", "flat_camel@1", "flat_camel@2", "cloudevents@1"):
        assert try_options(format, {"null_policy": policy}).status == 201


@pytest.mark.parametrize("policy", ["drop", "KEEP", "", "keep\n", None, 1, True, ["keep"], {}])
def test_any_other_null_policy_is_refused(try_options, policy):
    response = try_options("std_json@1", {"null_policy": policy})

    assert_problem(response, 422, {f"{OPTIONS}/null_policy"})


# rename


@pytest.mark.parametrize("format", FIELDS)
def test_each_field_of_a_format_may_be_renamed(try_options, format):
    names = {field: f"new_{position}" for position, field in enumerate(FIELDS[format])}

    assert try_options(format, {"rename": names}).status == 201


@pytest.mark.parametrize(
    "format, unknown",
    [
        ("std_json@1", ["type", "timestamp", "data", "customer.name", "name", "Amount", "", "paymentId"]),
        ("flat_camel@1", ["payment_id", "customer", "amount", "occurred_at"]),
        ("flat_camel@2", ["amountMinor", "currency", "value", "amount.value"]),
        ("form_legacy@1", ["customer", "payment_id", "customer[0]", "Event"]),
        ("csv@1", ["customer", "payment_id", "failure"]),
    ],
)
def test_no_other_field_may_be_renamed(try_options, format, unknown):
    response = try_options(format, {"rename": {field: f"new_{place}" for place, field in enumerate(unknown)}})

    assert_problem(response, 422, {f"{OPTIONS}/rename/{field}" for field in unknown})


@pytest.mark.parametrize("name", ["a", "_", "A", "_0", "a.b-c_d[0]", "a]", "a" * 64, "x-y"])
def test_new_names(try_options, name):
    assert try_options("std_json@1", {"rename": {"amount": name}}).status == 201


@pytest.mark.parametrize(
    "name",
    [
        *("", "0a", "-a", ".a", "[a]", "a b", " a", "a\n", "\na", "é", "aé", "a/b", "a:b", "a$", '"', "a" * 65),
        *(None, 5, True, ["a"], {}),
    ],
)
def test_any_other_new_name_is_refused(try_options, name):
    response = try_options("std_json@1", {"rename": {"amount": name}})

    assert_problem(response, 422, {f"{OPTIONS}/rename/amount"})


@pytest.mark.parametrize(
    "format, rename",
    [
        ("std_json@1", {"amount": "total", "status": "total"}),
        ("std_json@1", {"amount": "status"}),
        ("std_json@1", {"amount": "status", "status": "amount", "reference": "amount"}),
        ("flat_camel@1", {"amountMinor": "currency"}),
        ("flat_camel@2", {"paymentId": "amount"}),
        ("form_legacy@1", {"event": "customer[id]"}),
        ("csv@1", {"event": "date"}),
    ],
)
def test_two_fields_of_one_name_are_refused(try_options, format, rename):
    problem = assert_problem(try_options(format, {"rename": rename}), 422)

    assert all(error["pointer"].startswith(f"{OPTIONS}/rename") for error in problem["errors"])


@pytest.mark.parametrize(
    "format, rename",
    [
        ("std_json@1", {"amount": "status", "status": "amount"}),
        ("std_json@1", {"amount": "amount"}),
        ("std_json@1", {"amount": "type"}),
        ("flat_camel@2", {"paymentId": "currency"}),
        ("flat_camel@2", {"paymentId": "amountMinor"}),
        ("csv@1", {"event": "date", "date": "event"}),
    ],
)
def test_a_name_that_is_free_may_be_taken(try_options, format, rename):
    assert try_options(format, {"rename": rename}).status == 201


@pytest.mark.parametrize("rename", [None, [], "amount", 5, ["amount"]])
def test_rename_is_an_object(try_options, rename):
    assert_problem(try_options("std_json@1", {"rename": rename}), 422, {f"{OPTIONS}/rename"})


# mask


@pytest.mark.parametrize(
    "mask",
    [[], ["customer.name"], ["customer.iban", "customer.email"], ["customer.name", "customer.email", "customer.iban"]],
)
def test_masks(try_options, mask):
    for format in TAKES:
        assert try_options(format, {"mask": mask}).status == 201


@pytest.mark.parametrize(
    "entry", ["customer.id", "customer", "name", "reference", "*", "", "customer.name\n", None, 5, True, [], {}]
)
def test_any_other_mask_entry_is_refused(try_options, entry):
    response = try_options("std_json@1", {"mask": ["customer.name", entry]})

    assert_problem(response, 422, {f"{OPTIONS}/mask/1"})


@pytest.mark.parametrize("mask", [None, "customer.name", {"customer.name": True}, 5, True])
def test_mask_is_a_list(try_options, mask):
    assert_problem(try_options("std_json@1", {"mask": mask}), 422, {f"{OPTIONS}/mask"})


# minor_units


def test_minor_units_have_0_to_4_digits(try_options):
    units = {"USD": 0, "EUR": 1, "GBP": 2, "JPY": 3, "KWD": 4}

    for format in ("flat_camel@1", "flat_camel@2"):
        assert try_options(format, {"minor_units": units}).status == 201


@pytest.mark.parametrize("digits", [-1, 5, 100, 1.5, "2", None, True, [2], {}])
def test_any_other_number_of_digits_is_refused(try_options, digits):
    response = try_options("flat_camel@1", {"minor_units": {"USD": digits}})

    assert_problem(response, 422, {f"{OPTIONS}/minor_units/USD"})


def test_a_mask_entry_that_is_there_already_is_refused(try_options):
    repeated = ["customer.email", "customer.name", "customer.email", "x", "x", "customer.email"]

    for format in TAKES:
        assert_problem(try_options(format, {"mask": repeated}), 422, {f"{OPTIONS}/mask/{n}" for n in (2, 3, 4, 5)})


@pytest.mark.parametrize("entries", [[0] * 5000, ["customer.name"] * 5000, ["x", {}, 1, None] * 1250])
def test_of_thousands_of_bad_mask_entries_a_hundred_are_named(try_options, entries):
    errors = try_options("csv@1", {"mask": entries}).json()["errors"]

    assert len(errors) == 100
    assert {error["pointer"].rpartition("/")[0] for error in errors} == {f"{OPTIONS}/mask"}


@pytest.mark.parametrize("within", [None, "rename", "event_aliases", "minor_units"])
def test_of_thousands_of_unknown_options_a_hundred_are_named(try_options, within):
    unknown = {f"unknown-{n:04}": "x" for n in range(5000)}

    errors = try_options("flat_camel@1", {within: unknown} if within else unknown).json()["errors"]

    place = f"{OPTIONS}/{within}" if within else OPTIONS
    assert [error["pointer"] for error in errors] == [f"{place}/unknown-{n:04}" for n in range(100)]


def test_a_threshold_is_no_longer_than_64_characters(try_options):
    assert try_options("slack_blocks@1", {"threshold": {"USD": "1".zfill(64)}}).status == 201

    response = try_options("slack_blocks@1", {"threshold": {"USD": "1".zfill(65)}})

    assert_problem(response, 422, {f"{OPTIONS}/threshold/USD"})


@pytest.mark.parametrize("option, value", [("minor_units", 2), ("threshold", "1")])
@pytest.mark.parametrize("currency", ["usd", "US", "USDX", "", "ABC", "XAU", "DEM", "USD ", "*"])
def test_a_currency_that_no_event_can_have_is_refused(try_options, option, value, currency):
    format = "flat_camel@1" if option == "minor_units" else "slack_blocks@1"

    response = try_options(format, {option: {currency: value}})

    assert_problem(response, 422, {f"{OPTIONS}/{option}/{currency}"})


@pytest.mark.parametrize("units", [None, 2, "USD", ["USD"], True])
def test_minor_units_are_an_object(try_options, units):
    assert_problem(try_options("flat_camel@1", {"minor_units": units}), 422, {f"{OPTIONS}/minor_units"})


# timezone


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Argentina/Ushuaia", "Etc/GMT+5"])
def test_timezones(try_options, name):
    for format in ("xml_bank@1", "form_legacy@1", "csv@1"):
        assert try_options(format, {"timezone": name}).status == 201


def test_the_machines_own_time_zones_do_not_count(api, create_client, manage, tmp_path):
    tokyo = files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo").read_bytes()
    for name in ("Europe/Berlin", "Mars/Base", "localtime"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(tokyo)
    client = create_client(format="csv", options={"timezone": "Europe/Berlin"})
    elsewhere = Api(manage.serve(env={"PYTHONTZPATH": str(tmp_path)}).port, api.key)

    shown = elsewhere.post(f"{client.url}/preview", event(occurred_at="2026-11-22T13:27:24Z"))
    refused = [
        elsewhere.patch(client.url, {"format": pinned("csv@1", {"timezone": name})}).status
        for name in ("Mars/Base", "localtime")
    ]

    assert b"22.11.2026 14:27:24" in shown.body
    assert refused == [422, 422]


@pytest.mark.parametrize(
    "name",
    [
        *("", "Mars/Base", "europe/berlin", "Europe", "Europe/Berlin ", "Europe/Berlin\n", "+01:00", "../UTC"),
        *("/etc/localtime", "../../../../etc/passwd", "Europe/../UTC", "Europe/Berlin\0", "x" * 5000),
        *("localtime", "Factory", "posixrules", "posix/UTC", "right/UTC", "zone.tab", "tzdata.zi"),
        *(None, 1, True, ["UTC"], {}),
    ],
)
def test_any_other_timezone_is_refused(try_options, name):
    assert_problem(try_options("csv@1", {"timezone": name}), 422, {f"{OPTIONS}/timezone"})


# event_aliases


@pytest.mark.parametrize("alias", ["a", "0", "PAYMENT_CAPTURED", "a.b:c/d-e_f", "a" * 64, "9-"])
def test_aliases(try_options, alias):
    aliases = {"payment.captured": alias, "payout.paid": "x", "payment.failed": "x"}

    for format in TAKES:
        assert try_options(format, {"event_aliases": aliases}).status == 201


@pytest.mark.parametrize(
    "alias",
    ["", "_a", "-a", ".a", "/a", "a b", "a\n", "\na", "é", "aé", "a\\b", "<a>", "a" * 65, None, 5, True, ["a"], {}],
)
def test_any_other_alias_is_refused(try_options, alias):
    response = try_options("std_json@1", {"event_aliases": {"payment.captured": alias}})

    assert_problem(response, 422, {f"{OPTIONS}/event_aliases/payment.captured"})


@pytest.mark.parametrize("type", ["*", "payment.*", "payment.settled", "Payment.Captured", "", "payment.captured "])
def test_only_an_events_type_has_an_alias(try_options, type):
    response = try_options("std_json@1", {"event_aliases": {type: "a"}})

    assert_problem(response, 422, {f"{OPTIONS}/event_aliases/{type}"})


@pytest.mark.parametrize("aliases", [None, [], "a", 5])
def test_aliases_are_an_object(try_options, aliases):
    assert_problem(try_options("csv@1", {"event_aliases": aliases}), 422, {f"{OPTIONS}/event_aliases"})


# threshold


def test_a_threshold_is_an_amount_as_in_an_event(try_options):
    threshold = {"USD": "0", "EUR": "007.5", "JPY": "1000", "KWD": "1.234", "CLF": "0.0001", "GBP": "9999999999999.99"}

    assert try_options("slack_blocks@1", {"threshold": threshold}).status == 201


@pytest.mark.parametrize(
    "currency, amount",
    [
        ("USD", "10.101"),
        ("JPY", "1.0"),
        ("KWD", "1.0001"),
        ("CLF", "0.00001"),
        ("USD", "-1"),
        ("USD", "+1"),
        ("USD", "1e3"),
        ("USD", "1,000"),
        ("USD", ".5"),
        ("USD", "5."),
        ("USD", ""),
        ("USD", " 1"),
        ("USD", "1\n"),
        ("USD", "١"),
        ("USD", "99999999999999.99"),
        ("JPY", "1" * 16),
        ("USD", "NaN"),
        ("USD", 10),
        ("USD", 10.5),
        ("USD", None),
        ("USD", True),
        ("USD", ["1"]),
    ],
)
def test_any_other_threshold_is_refused(try_options, currency, amount):
    response = try_options("slack_blocks@1", {"threshold": {currency: amount}})

    assert_problem(response, 422, {f"{OPTIONS}/threshold/{currency}"})


def test_every_bad_threshold_is_named(try_options):
    response = try_options(
        "slack_blocks@1", {"threshold": {"ABC": "1", "USD": "x", "JPY": "0.5", "EUR": 5, "GBP": "5"}}
    )

    assert_problem(response, 422, {f"{OPTIONS}/threshold/{currency}" for currency in ("ABC", "USD", "JPY", "EUR")})


@pytest.mark.parametrize("threshold", [None, "100", 100, ["USD"], True])
def test_thresholds_are_an_object(try_options, threshold):
    assert_problem(try_options("slack_blocks@1", {"threshold": threshold}), 422, {f"{OPTIONS}/threshold"})


# GET /v1/formats


@pytest.fixture
def formats(api):
    """The schema of the options, by name@version, as /v1/formats shows them."""
    return {
        f"{format['name']}@{version['version']}": version
        for format in api.get("/v1/formats").json()
        for version in format["versions"]
    }


def test_every_format_is_listed_with_its_versions(formats):
    assert set(formats) == set(TAKES)


def test_operators_and_clients_see_the_same_formats(api, create_client):
    assert create_client().api.get("/v1/formats").json() == api.get("/v1/formats").json()


@pytest.mark.parametrize("format", TAKES)
def test_the_schema_of_the_options_says_what_the_server_does(formats, format):
    schema = formats[format]["options"]
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    for option, value in GOOD.items():
        assert validator.is_valid({option: value}) == (option in TAKES[format]), option
    assert validator.is_valid({})
    assert not validator.is_valid([])
    assert not validator.is_valid({"mask": ["customer.id"]})
    assert not validator.is_valid({"event_aliases": {"payment.captured": ""}})


def test_every_format_says_what_acknowledges_it(formats):
    rules = {format: str(version["ack"]) for format, version in formats.items()}

    assert all("2xx" in rule for rule in rules.values())
    assert "Ack" in rules["xml_bank@1"]
    assert "[accepted]" in rules["form_legacy@1"]
    assert "ok" in rules["slack_blocks@1"]
