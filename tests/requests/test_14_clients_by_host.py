"""Request 14: the admin's list of clients can be filtered by host, and exported for a spreadsheet."""

import csv
import io
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from admin_site import CLIENTS

URLS = {
    "upper": "https://ACME.example:8443/hooks?tenant=7",
    "plain": "https://acme.example",
    "longer": "https://acme.example.org/hooks",
    "prefixed": "https://notacme.example/hooks",
    "in-path": "https://other.example/acme.example?next=https://acme.example/",
    "ipv6": "https://[2001:db8::1]:8443/hooks",
    "ipv4": "https://192.0.2.1/hooks",
}
HOSTS = [
    *("192.0.2.1", "2001:db8::1", "acme.example", "acme.example.org"),
    *("notacme.example", "other.example"),
]
HEADER = ["slug", "name", "status", "disabled_reason", "host", "endpoint_url", "event_types", "format", "created_at"]
NEW = {
    "slug": "made-there",
    "name": "Acme Books",
    "endpoint_url": "https://there.example/hooks",
    "event_types": ["*"],
    "format": "std_json@1",
    "format_options": "{}",
}


@pytest.fixture
def on_many_hosts(create_client):
    """A client for each of the URLs."""
    return {slug: create_client(slug=slug, endpoint_url=url) for slug, url in URLS.items()}


@pytest.fixture
def slugs_on(admin, database):
    """The slugs of the rows that the list shows for a host, in the order of the alphabet."""

    def read(host, more=""):
        page = admin.get(f"{CLIENTS}?host={quote(host)}{more}")
        assert page.status == 200, page.location
        slugs = {str(row["id"]): row["slug"] for row in database.rows("SELECT id, slug FROM clients_client")}
        return sorted(slugs[row.key] for row in page.rows)

    return read


def table_of(page):
    """The cells of an exported file, by row."""
    assert page.status == 200
    assert page.response.content_type == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(page.response.body.decode("utf-8-sig"), newline="")))


# The filter


def test_the_list_shows_the_clients_with_exactly_the_chosen_host(on_many_hosts, slugs_on):
    found = {host: slugs_on(host) for host in (*HOSTS, "example", "acme", "nobody.example")}

    assert found == {
        "192.0.2.1": ["ipv4"],
        "2001:db8::1": ["ipv6"],
        "acme.example": ["plain", "upper"],
        "acme.example.org": ["longer"],
        "notacme.example": ["prefixed"],
        "other.example": ["in-path"],
        "example": [],
        "acme": [],
        "nobody.example": [],
    }


def test_the_filter_offers_each_host_once_in_the_order_of_the_alphabet(on_many_hosts, admin):
    links = admin.get(CLIENTS).links

    queries = [parse_qs(urlsplit(href).query) for _, href in links]

    assert [query["host"] for query in queries if "host" in query] == [[host] for host in HOSTS]


def test_the_filter_combines_with_the_search_and_with_another_filter(on_many_hosts, api, slugs_on):
    api.patch(on_many_hosts["upper"].url, {"status": "disabled"})
    api.patch(on_many_hosts["longer"].url, {"status": "disabled"})

    assert slugs_on("acme.example", "&status=disabled") == ["upper"]
    assert slugs_on("acme.example", "&q=plain") == ["plain"]


def test_the_filter_follows_the_endpoint(create_client, admin, key_of, slugs_on):
    client = create_client(slug="moving", endpoint_url="https://first.example/")
    found = [slugs_on("first.example")]

    client.api.patch(client.url, {"endpoint_url": "https://second.example/"})
    found += [slugs_on("first.example"), slugs_on("second.example")]
    admin.submit(f"{CLIENTS}{key_of('moving')}/change/", {"endpoint_url": "https://third.example/"})
    found += [slugs_on("second.example"), slugs_on("third.example")]
    admin.submit(f"{CLIENTS}add/", NEW)
    found += [slugs_on("there.example")]

    assert found == [["moving"], [], ["moving"], [], ["moving"], ["made-there"]]


# The file


def test_the_file_has_exactly_these_bytes(admin, create_client, api, key_of):
    client = create_client(
        slug="zoe",
        name='Zoë & "Söhne", Wien',
        endpoint_url=URLS["upper"],
        event_types=["payment.*", "payout.paid"],
        format="flat_camel@2",
    )
    other = create_client(slug="acme", endpoint_url="https://acme.example/")
    api.patch(other.url, {"status": "disabled"})

    page = admin.act(CLIENTS, "export_selected", [key_of("zoe"), key_of("acme")])

    made = {each.slug: each.created["created_at"] for each in (client, other)}
    lines = [
        ",".join(HEADER),
        f"acme,Acme Books,disabled,operator,acme.example,https://acme.example/,*,std_json@1,{made['acme']}",
        f'zoe,"Zoë & ""Söhne"", Wien",active,,acme.example,{URLS["upper"]},payment.* payout.paid,flat_camel@2,{made["zoe"]}',
        "",
    ]
    assert page.response.headers["Content-Disposition"] == 'attachment; filename="clients.csv"'
    assert page.response.content_type == "text/csv; charset=utf-8"
    assert page.response.body == b"\xef\xbb\xbf" + "\r\n".join(lines).encode()


def test_no_cell_is_a_formula(admin, create_client, key_of):
    names = ["=1+1", "+49 30", "-1", "@sum", "\t=1", "\r=1", "1=1", "'=1", ' "x"', "two\nlines"]
    clients = [create_client(slug=f"client-{place}", name=name) for place, name in enumerate(names)]

    page = admin.act(CLIENTS, "export_selected", [key_of(client.slug) for client in clients])

    expected = ["'=1+1", "'+49 30", "'-1", "'@sum", "'\t=1", "'\r=1", "1=1", "'=1", ' "x"', "two\nlines"]
    assert [row[1] for row in table_of(page)] == ["name", *expected]


def test_the_file_has_the_selected_clients_or_all_of_a_filtered_list(on_many_hosts, admin, key_of):
    admin.get(CLIENTS)

    some = admin.act(CLIENTS, "export_selected", [key_of("prefixed"), key_of("ipv4")])
    selection = {"action": "export_selected", "_selected_action": key_of("upper"), "select_across": "1", "index": "0"}
    whole = admin.post(f"{CLIENTS}?host=acme.example", selection)

    assert [row[0] for row in table_of(some)] == ["slug", "ipv4", "prefixed"]
    assert [row[0] for row in table_of(whole)] == ["slug", "plain", "upper"]
    assert [row[4] for row in table_of(some)] == ["host", "192.0.2.1", "notacme.example"]


def test_the_right_to_view_clients_is_enough_for_the_file_and_nothing_changes(admin, create_client, key_of, database):
    create_client(slug="acme")
    database.execute("UPDATE auth_user SET is_superuser = false")
    database.execute(
        "INSERT INTO auth_user_user_permissions (user_id, permission_id)"
        " SELECT u.id, p.id FROM auth_user u, auth_permission p WHERE p.codename = 'view_client'"
    )
    listed = admin.get(CLIENTS)
    before = database.rows("SELECT * FROM clients_client")

    page = admin.act(CLIENTS, "export_selected", [key_of("acme")])

    assert "export_selected" in listed.html
    assert [row[0] for row in table_of(page)] == ["slug", "acme"]
    assert database.rows("SELECT * FROM clients_client") == before
