"""The admin as a fixture, signed in once for a whole run."""

import pytest

SIGNED_IN = ("auth_user", "django_session")


@pytest.fixture(scope="session")
def remembered():
    """The cookies and rows of the first sign-in: hashing a password takes longer than most tests."""
    return {}


@pytest.fixture
def admin(api, manage, database, remembered):
    """The admin, with a superuser signed in."""
    from admin_site import AdminSite, sign_in_superuser  # not sooner: pytest could no longer rewrite the harness

    if not remembered:
        site = sign_in_superuser(api, manage)
        rows = {table: database.rows(f"SELECT * FROM {table}") for table in SIGNED_IN}
        remembered.update(cookies=dict(site.cookies), rows=rows)
        return site
    for table, rows in remembered["rows"].items():
        for row in rows:
            places = ", ".join("?" * len(row))
            sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"
            database.execute(sql, *row.values())
    return AdminSite(api, remembered["cookies"])


@pytest.fixture
def key_of(database):
    """The key of a row, by which the admin names it."""
    places = {
        "evt_": "webhooks_event WHERE public_id",
        "dlv_": "webhooks_delivery WHERE public_id",
    }

    def find(name):
        place = places.get(name[:4], "clients_client WHERE slug")
        return database.value(f"SELECT id FROM {place} = ?", name)

    return find
