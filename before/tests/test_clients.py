import pytest

from clients.models import Client

from .conftest import api_of, pointers

ACME = {
    "slug": "acme",
    "name": "Acme",
    "endpoint_url": "https://acme.example/hooks",
    "event_types": ["payment.*"],
    "format": {"name": "std_json", "version": 1, "options": {}},
}


def create(api, format_name="std_json", version=1, **options):
    return api.post("/v1/clients", ACME | {"format": {"name": format_name, "version": version, "options": options}})


def test_a_new_client_gets_its_key_and_secret_once(operator):
    created = operator.post("/v1/clients", ACME)

    assert created.status_code == 201
    assert created.json()["api_key"].startswith("whk_")
    assert created.json()["signing_secret"].startswith("whsec_")
    assert "signing_secret" not in operator.get("/v1/clients/acme").json()
    assert created.json()["signing_secret"] not in Client.objects.get().signing_secret


def test_every_member_is_required(operator):
    for member in ACME:
        response = operator.post("/v1/clients", {name: value for name, value in ACME.items() if name != member})
        assert (response.status_code, pointers(response)) == (422, [f"/{member}"])
    assert not Client.objects.exists()


def test_options_may_be_left_out(operator):
    response = operator.post("/v1/clients", ACME | {"format": {"name": "std_json", "version": 1}})

    assert response.json()["format"] == {"name": "std_json", "version": 1, "options": {}}


def refused(api, member, values):
    """The values for which the answer names this member of a new client, and no other."""
    answers = [(value, api.post("/v1/clients", ACME | {member: value})) for value in values]
    return [value for value, answer in answers if answer.status_code == 422 and pointers(answer) == [f"/{member}"]]


def test_a_slug_is_lower_case_letters_digits_and_hyphens(operator):
    bad = ["", "Acme", "-acme", "a_b", "acme\n", "é", "a" * 64, 7, None]

    assert refused(operator, "slug", bad) == bad


def test_a_new_client_cannot_be_given_what_the_server_decides(operator):
    for member in ("status", "disabled_reason", "signing_secret", "created_at"):
        assert refused(operator, member, ["active"]) == ["active"]


@pytest.mark.parametrize("end", ["lives", "was deleted"])
def test_a_slug_is_never_used_again(operator, make_client, end):
    client = make_client(slug="acme")
    if end == "was deleted":
        client.soft_delete()

    response = operator.post("/v1/clients", ACME)

    assert response.status_code == 409
    assert Client.objects.count() == 1


def test_a_taken_slug_comes_after_a_bad_field(operator, make_client):
    make_client(slug="acme")

    assert operator.post("/v1/clients", ACME | {"name": ""}).status_code == 422


ENDPOINTS = [
    "https://acme.example",
    "HTTPS://acme.example:8443/hooks?a=1",
    "https://[2606:4700::1111]/",
    "https://bücher.example/",
    "https://acme.example/" + "x" * 2027,
]


def test_an_endpoint_is_an_https_url(operator):
    for number, url in enumerate(ENDPOINTS):
        response = operator.post("/v1/clients", ACME | {"slug": f"c{number}", "endpoint_url": url})
        assert (response.status_code, response.json()["endpoint_url"]) == (201, url)


NO_ENDPOINTS = [
    "http://acme.example/",
    "ftp://acme.example/",
    "acme.example",
    "//acme.example",
    "https://",
    "https:///hooks",
    "https://ada:love@acme.example/",
    "https://@acme.example/",
    "https://acme.example/a b",
    "https://acme.example/\n",
    "https://acme.example\\@evil.example/",
    "https://acme.example:99999/",
    "https://acme.example:x/",
    "https://[::1/",
    "https://é..example/",
    "https://acme.example/" + "x" * 2028,
    "",
    7,
]


def test_an_endpoint_url_must_lead_to_a_safe_place(operator):
    assert refused(operator, "endpoint_url", NO_ENDPOINTS) == NO_ENDPOINTS
    assert not Client.objects.exists()


def test_http_is_an_endpoint_only_where_it_is_allowed(operator, settings):
    settings.ALLOW_HTTP = True

    assert operator.post("/v1/clients", ACME | {"endpoint_url": "http://acme.example/"}).status_code == 201
    assert operator.post("/v1/clients", ACME | {"slug": "b", "endpoint_url": "ftp://b.example/"}).status_code == 422


BAD_OPTIONS = [
    ("std_json", {"null_policy": "drop"}, "/format/options/null_policy"),
    ("std_json", {"no_such": 1}, "/format/options/no_such"),
    ("std_json", {"mask": ["customer.id"]}, "/format/options/mask/0"),
    ("std_json", {"minor_units": {"USD": 2}}, "/format/options/minor_units"),
    ("flat_camel", {"minor_units": {"USD": 5}}, "/format/options/minor_units/USD"),
    ("flat_camel", {"minor_units": {"USD": 2.0}}, "/format/options/minor_units/USD"),
    ("flat_camel", {"minor_units": {"DEM": 2}}, "/format/options/minor_units/DEM"),
    ("form_legacy", {"timezone": "Mars/Phobos"}, "/format/options/timezone"),
    ("form_legacy", {"null_policy": "omit"}, "/format/options/null_policy"),
    ("slack_blocks", {"threshold": {"USD": "1.001"}}, "/format/options/threshold/USD"),
    ("slack_blocks", {"threshold": {"USD": 1}}, "/format/options/threshold/USD"),
    ("std_json", {"rename": {"iban": "account"}}, "/format/options/rename/iban"),
    ("std_json", {"rename": {"amount": "9lives"}}, "/format/options/rename/amount"),
    ("std_json", {"rename": {"amount": "amt\n"}}, "/format/options/rename/amount"),
    ("std_json", {"rename": {"amount": "status"}}, "/format/options/rename/amount"),
    ("std_json", {"rename": {"amount": "x" * 65}}, "/format/options/rename/amount"),
    ("std_json", {"rename": []}, "/format/options/rename"),
    ("std_json", {"mask": "customer.name"}, "/format/options/mask"),
    ("std_json", {"event_aliases": {"payment.lost": "LOST"}}, "/format/options/event_aliases/payment.lost"),
    ("std_json", {"event_aliases": {"payout.paid": "a b"}}, "/format/options/event_aliases/payout.paid"),
    ("xml_bank", {"rename": {"Name": "N"}}, "/format/options/rename"),
    ("cloudevents", {"rename": {"data": "d"}}, "/format/options/rename"),
    ("form_legacy", {"timezone": 1}, "/format/options/timezone"),
    ("slack_blocks", {"threshold": {"XAU": "1"}}, "/format/options/threshold/XAU"),
    ("slack_blocks", {"threshold": "1"}, "/format/options/threshold"),
]


def test_a_bad_option_is_named(operator):
    for format_name, options, pointer in BAD_OPTIONS:
        response = create(operator, format_name, **options)
        assert (response.status_code, pointers(response)) == (422, [pointer])


def test_all_that_is_wrong_with_a_format_is_reported_at_once(operator):
    response = create(operator, "flat_camel", mask=["all"], minor_units={"USD": 9, "DEM": 2}, colour="red")

    assert set(pointers(response)) == {
        "/format/options/mask/0",
        "/format/options/minor_units/USD",
        "/format/options/minor_units/DEM",
        "/format/options/colour",
    }


def test_two_fields_may_swap_their_names(operator):
    assert create(operator, "csv", rename={"event": "date", "date": "event"}).status_code == 201


def test_a_client_cannot_remove_an_entry_of_its_mask(operator, make_client):
    own_api = api_of(make_client(mask=["customer.iban"]))

    response = own_api.patch("/v1/clients/acme", {"format": {"name": "std_json", "version": 1}})

    assert pointers(response) == ["/format/options/mask"]


def test_the_formats_say_what_they_take_and_what_acknowledges_them(operator):
    formats = {entry["name"]: entry["versions"] for entry in operator.get("/v1/formats").json()}

    assert [version["version"] for version in formats["flat_camel"]] == [1, 2]
    assert set(formats["slack_blocks"][0]["options"]["properties"]) == {"threshold", "mask", "event_aliases"}
    assert formats["form_legacy"][0]["ack"] == "2xx [accepted]"
