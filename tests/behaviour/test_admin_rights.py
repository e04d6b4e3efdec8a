"""The admin: a right for each action, the history of actions, outdated forms, and hostile input."""

import json

import pytest
from admin_site import CLIENTS, DELIVERIES, EVENTS
from delivery_states import end

KEYS = "/admin/clients/apikey/"
USERS = "/admin/auth/user/"


@pytest.fixture
def staff(admin, database):
    """`staff("view_client", …)`: the admin for a member of the staff with only these rights."""

    def sign_in(*rights):
        database.execute("UPDATE auth_user SET is_superuser = false")
        for right in rights:
            database.execute(
                "INSERT INTO auth_user_user_permissions (user_id, permission_id)"
                " SELECT u.id, p.id FROM auth_user u, auth_permission p WHERE p.codename = ?",
                right,
            )
        return admin

    return sign_in


VIEW = ("view_client", "view_apikey", "view_event", "view_delivery", "view_attempt")
ACTIONS = {
    "retry_selected": (DELIVERIES, "change_delivery"),
    "disable_selected": (CLIENTS, "change_client"),
    "revoke_selected": (KEYS, "change_apikey"),
}


@pytest.fixture
def rows(create_client, accepted, database, api):
    """A row for each action, so that `rows()` shows the action's effect. Returns the rows' keys by action."""
    client = create_client(slug="acme")
    accepted()
    (delivery,) = api.get("/v1/deliveries").json()["results"]
    end(database, "dead", delivery["id"])
    keys = {
        "retry_selected": database.value("SELECT id FROM webhooks_delivery"),
        "disable_selected": database.value("SELECT id FROM clients_client"),
        "revoke_selected": database.value("SELECT id FROM clients_apikey WHERE prefix = ?", client.api_key[:12]),
    }

    def done():
        return {
            "retry_selected": database.value("SELECT status FROM webhooks_delivery") == "pending",
            "disable_selected": database.value("SELECT status FROM clients_client") == "disabled",
            "revoke_selected": client.api.get(client.url).status == 401,
        }

    return keys, done


# Rights


@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_only_look_does_nothing(staff, rows, action):
    keys, done = rows
    site, (path, _) = staff(*VIEW), ACTIONS[action]

    shown = site.get(path)
    site.act(path, action, [keys[action]])

    assert len(shown.rows) >= 1
    assert action not in shown.html
    assert not any(done().values())


@pytest.mark.parametrize("action", ACTIONS)
def test_the_right_to_change_a_row_is_the_right_to_its_action_alone(staff, rows, action):
    keys, done = rows
    site = staff(*VIEW, ACTIONS[action][1])

    for each, (its_path, _) in ACTIONS.items():
        site.act(its_path, each, [keys[each]])

    assert done() == {each: each == action for each in ACTIONS}


def test_who_may_only_look_sees_a_client_and_no_form(staff, rows):
    keys, _ = rows

    page = staff(*VIEW).get(f"{CLIENTS}{keys['disable_selected']}/change/")

    assert page.status == 200
    assert "std_json@1" in page.text
    assert "_save" not in page.html


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_in_the_history_and_in_the_log_with_the_user(admin, rows, action, database, server):
    keys, done = rows

    admin.act(ACTIONS[action][0], action, [keys[action]])

    assert done()[action]
    entry = database.row(
        "SELECT l.object_id, l.object_repr, l.change_message, u.username FROM django_admin_log l"
        " JOIN auth_user u ON u.id = l.user_id"
    )
    assert (entry["object_id"], entry["username"]) == (str(keys[action]), "ada")
    assert entry["change_message"]
    lines = [json.loads(line) for line in server.log().splitlines()]
    assert any({"ada", entry["object_repr"]} <= set(map(str, line.values())) for line in lines)


# Forms that were opened earlier


CHANGES = {
    "a mask": {"format": {"name": "std_json", "version": 1, "options": {"mask": ["customer.iban"]}}},
    "the endpoint": {"endpoint_url": "https://moved.example/hooks"},
    "the event types": {"event_types": ["payout.paid"]},
    "the status": {"status": "disabled"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_form_opened_earlier_undoes_nothing(admin, create_client, key_of, api, database, change):
    client = create_client()
    path = f"{CLIENTS}{key_of(client.slug)}/change/"
    opened = admin.get(path).fields
    assert client.api.patch(client.url, change).status == 200
    before = database.rows("SELECT * FROM clients_client")

    page = admin.post(path, {**opened, "name": "Changed", "_save": "Save"})

    assert page.status == 200
    assert "was changed after the form was opened" in page.text
    assert database.rows("SELECT * FROM clients_client") == before
    assert admin.submit(path, {"name": "Changed"}).status == 302
    assert api.get(client.url).json()["name"] == "Changed"


def test_a_form_that_names_no_version_saves_nothing(admin, create_client, key_of, api):
    client = create_client()
    path = f"{CLIENTS}{key_of(client.slug)}/change/"
    fields = {name: value for name, value in admin.get(path).fields.items() if name != "seen"}

    assert admin.post(path, {**fields, "name": "Changed", "_save": "Save"}).status == 200
    assert api.get(client.url).json()["name"] == client.created["name"]


# Hostile input


SECRETS = [
    f"{CLIENTS}?signing_secret__startswith=g",
    f"{CLIENTS}?signing_secret__gt=a",
    f"{CLIENTS}?previous_secret__isnull=0",
    f"{CLIENTS}?api_keys__digest__startswith=0",
    f"{KEYS}?digest__startswith=0",
    f"{KEYS}?client__signing_secret__contains=g",
    f"{DELIVERIES}?client__signing_secret__regex=g",
    f"{EVENTS}?deliveries__client__signing_secret__startswith=g",
    f"{EVENTS}?fingerprint__startswith=0",
    f"{USERS}?password__startswith=p",
    f"{USERS}?email__startswith=a",
]


@pytest.mark.parametrize("target", SECRETS)
def test_a_filter_reads_no_column_that_the_page_does_not_filter_by(admin, rows, target):
    assert admin.get(target).status == 400


NAMES = {
    CLIENTS: ("status", "deleted_at__isempty", "o", "_to_field"),
    KEYS: ("role__exact", "q", "p", "_popup"),
    EVENTS: ("type__exact", "created_at__gte", "q", "currency__isnull"),
    DELIVERIES: ("event__type", "client__id__exact", "q", "e"),
    USERS: ("is_staff__exact", "groups__id__exact", "q", "_changelist_filters"),
}
VALUES = ("%00", "a%00b", "[", "%ff", "9" * 30, "2026-99-99", "((")


@pytest.mark.parametrize("path", NAMES)
def test_strange_queries_break_no_list(admin, rows, path):
    for name in NAMES[path]:
        for value in VALUES:
            assert admin.get(f"{path}?{name}={value}").status < 500


@pytest.mark.parametrize("path", NAMES)
def test_strange_rows_break_no_action(admin, rows, path):
    action = next((each for each, (its_path, _) in ACTIONS.items() if its_path == path), "delete_selected")
    admin.get(path)
    for key in ("x", "\0", "9" * 30, "¹"):
        fields = {"action": action, "_selected_action": key, "index": "0", "select_across": "0"}
        assert admin.post(path, fields).status < 500
        assert admin.post(path, {**fields, "_selected_action": "", "index": key, "select_across": key}).status < 500
        assert admin.get(f"{path}{key}/change/".replace("\0", "_00")).status < 500


OPTIONS = [
    "[" * 100_000,
    '{"a":' * 5000,
    "9" * 5000,
    '"\\ud800"',
    '{"mask": ["\\ud800"]}',
    '{"rename": {"\\udfff": "x"}}',
]
OPTIONS += ["NaN", "1e999", '{"event_aliases": {"payout.paid": "a\\u0000"}}', "nul", '{"mask": {}}', "\ufeff{}"]


@pytest.mark.parametrize("options", OPTIONS)
def test_options_that_are_no_json_of_ours_are_an_error_of_the_form(admin, create_client, key_of, database, options):
    client = create_client()
    before = database.rows("SELECT * FROM clients_client")

    changed = admin.submit(f"{CLIENTS}{key_of(client.slug)}/change/", {"format_options": options})
    fields = {"slug": "new", "name": "New", "endpoint_url": "https://new.example/", "format": "std_json@1"}
    made = admin.submit(f"{CLIENTS}add/", {**fields, "event_types": ["*"], "format_options": options})

    for page in (changed, made):
        assert page.status == 200
        assert "errorlist" in page.html
    assert database.rows("SELECT * FROM clients_client") == before


# Finding


def test_the_search_finds_a_delivery_by_each_whole_name_and_by_nothing_less(admin, rows, api):
    (delivery,) = api.get("/v1/deliveries").json()["results"]

    for name in (delivery["id"], delivery["event"], "acme", "pay_01"):
        assert len(admin.get(f"{DELIVERIES}?q={name}").rows) == 1
        assert admin.get(f"{DELIVERIES}?q={name[:-1]}").rows == []
    for name in (delivery["event"], "pay_01", "cus_1"):
        assert len(admin.get(f"{EVENTS}?q={name}").rows) == 1
        assert admin.get(f"{EVENTS}?q={name[:-1]}").rows == []


def test_the_pages_of_a_list_show_each_row_once(admin, create_client, accepted):
    for number in range(12):
        create_client(slug=f"client-{number}")
    for _ in range(10):
        accepted()

    pages = [admin.get(f"{DELIVERIES}?p={number}").rows for number in (1, 2, 3)]

    assert [len(page) for page in pages] == [50, 50, 20]
    keys = [int(row.key) for page in pages for row in page]
    assert keys == sorted(set(keys), reverse=True)
    assert admin.get(f"{DELIVERIES}?p=4").status < 500
