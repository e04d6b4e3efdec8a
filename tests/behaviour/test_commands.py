"""The management commands: their output, their exit codes, and the rows that prune deletes."""

import shutil
import sqlite3

import pytest

from harness.examples import event
from harness.http import Api
from harness.problems import assert_problem
from harness.processes import Stage
from harness.receiver import Answer


def result_count(api, target):
    return len(api.get(target).json()["results"])


# Exit codes and stdout


def test_an_unknown_command_fails(manage):
    assert manage("nonsense").exit_code != 0


def test_deliver_once_with_nothing_due_succeeds(manage):
    run = manage("deliver", "--once")

    assert run.exit_code == 0
    assert run.stdout == ""


def test_deliver_once_succeeds_whatever_clients_answer(create_client, accepted, manage):
    create_client().inbox.answer(Answer(500))
    create_client().inbox.answer(Answer.reset())
    accepted()

    run = manage("deliver", "--once")

    assert run.exit_code == 0
    assert run.stdout == ""


@pytest.mark.parametrize("arguments", [("--concurrency", "many"), ("--concurrency", "1.5"), ("--twice",), ("extra",)])
def test_deliver_refuses_arguments_that_make_no_sense(manage, create_client, accepted, arguments):
    client = create_client()
    accepted()

    run = manage("deliver", "--once", *arguments)

    assert run.exit_code != 0
    assert len(client.inbox) == 0


def test_create_api_key_prints_nothing_but_the_key(manage, create_client):
    slug = create_client().slug

    for arguments in (("--role", "operator"), ("--role", "client", "--client", slug)):
        run = manage.ok("create_api_key", *arguments)
        key, end, rest = run.stdout.partition("\n")
        assert len(key) >= 32 and key.isascii() and key.isprintable()
        assert (end, rest) == ("\n", "")


def test_two_keys_are_never_the_same(manage):
    keys = {manage.ok("create_api_key", "--role", "operator").stdout for _ in range(3)}

    assert len(keys) == 3


def test_revoke_api_key_needs_a_prefix(manage, api):
    assert manage("revoke_api_key").exit_code != 0
    assert api.get("/v1/clients").status == 200


def test_a_revoked_key_is_refused_by_servers_that_run(manage, api):
    key = manage.ok("create_api_key", "--role", "operator").stdout.strip()
    assert api.as_key(key).get("/v1/clients").status == 200

    run = manage.ok("revoke_api_key", key[:16])

    assert key not in run.stdout + run.stderr
    assert_problem(api.as_key(key).get("/v1/clients"), 401)


# Migrations


def test_migrate_fills_an_empty_database(manage, new_database):
    database = new_database()
    env = {"DATABASE_URL": database.url}

    manage.ok("migrate", env=env)

    assert database.rows("SELECT * FROM clients_client") == []
    assert database.rows("SELECT * FROM webhooks_delivery") == []
    manage.ok("migrate", "--check", env=env)


def test_the_models_match_the_migrations(manage):
    manage.ok("makemigrations", "--check", "--dry-run")


def test_the_checks_of_django_find_nothing(manage):
    manage.ok("check", "--fail-level", "WARNING")


@pytest.mark.parametrize("name", ["stage", "c# p%41 why? &=;"])
def test_with_nothing_set_the_database_is_a_file_in_the_project(stage, tmp_path, name):
    """WAL, so that readers and the writer do not wait for each other. The folder's name may mean something in a URL."""
    folder = tmp_path / name
    shutil.copytree(stage.folder, folder, ignore=shutil.ignore_patterns("*.sqlite3*", "__pycache__", "tests"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    env = {name: value for name, value in stage.env.items() if name in ("PATH", "HOME", "LANG")}
    bare = Stage(folder, env, scratch)

    run = bare.start("migrate", env={}).wait(60)

    assert run.exit_code == 0, run.stderr
    (file,) = (found for found in tmp_path.rglob("*.sqlite3"))
    assert file.parent == folder
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("SELECT count(*) FROM clients_client").fetchone() == (0,)


@pytest.mark.parametrize(
    "command",
    [
        ("deliver",),
        ("deliver", "--once"),
        ("prune", "--older-than", "30d"),
        ("create_api_key", "--role", "operator"),
        ("revoke_api_key", "whk_12345678"),
    ],
    ids=" ".join,
)
def test_without_tables_a_command_says_migrate_first_and_fails(manage, new_database, command):
    run = manage(*command, env={"DATABASE_URL": new_database().url}, within=20)

    assert run.exit_code > 0
    assert run.stdout == ""
    assert "manage.py migrate" in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr and "database_away" not in run.stderr


def test_without_tables_the_api_says_migrate_first(manage, new_database, api):
    server = manage.serve(env={"DATABASE_URL": new_database().url})
    bare = Api(server.port, api.key, server.log)

    for answer in (bare.get("/v1/clients"), bare.post("/v1/events", event(), headers={"Idempotency-Key": "k"})):
        assert "manage.py migrate" in assert_problem(answer, 503)["detail"]
    assert assert_problem(bare.get("/readyz"), 503)["detail"] == "migrations"
    assert bare.get("/healthz").status == 200
    for page in ("/metrics", "/admin/"):
        assert bare.get(page, headers={"Cookie": "sessionid=abcdefghijklmnop"}).status == 503


KEYS_FOR_OTHERS = ["a", " " * 60, "django-insecure-for-development-on-this-machine-only"]


def test_a_server_for_others_refuses_a_key_that_could_be_guessed(manage):
    for key in KEYS_FOR_OTHERS:
        run = manage("check", env={"ALLOWED_HOSTS": "hooks.example", "SECRET_KEY": key})
        assert run.exit_code != 0
        assert "SECRET_KEY" in run.stderr.splitlines()[-1]


# prune


@pytest.fixture
def prune(manage):
    return lambda older_than="30d": manage.ok("prune", "--older-than", older_than)


def test_prune_takes_old_events_with_all_that_hangs_on_them(create_client, accepted, deliver, api, clock, prune):
    client = create_client()
    event_id = accepted()
    deliver()
    (delivery,) = client.api.get("/v1/deliveries").json()["results"]
    clock.move(days=30, seconds=1)

    prune()

    assert_problem(api.get(f"/v1/events/{event_id}"), 404)
    assert_problem(api.get(f"/v1/deliveries/{delivery['id']}"), 404)
    assert result_count(api, "/v1/events") == result_count(api, "/v1/deliveries") == 0
    assert api.get(client.url).status == 200


def test_prune_leaves_no_rows_behind(create_client, accepted, deliver, database, clock, prune):
    create_client()
    accepted()
    deliver()
    clock.move(days=31)

    prune()

    for table in ("webhooks_event", "webhooks_delivery", "webhooks_attempt"):
        assert database.rows(f"SELECT * FROM {table}") == []


def test_prune_leaves_younger_events(create_client, accepted, deliver, api, clock, prune):
    create_client()
    event_id = accepted(occurred_at="2020-01-01T00:00:00Z")
    deliver()
    clock.move(days=29, hours=23)

    prune()

    assert api.get(f"/v1/events/{event_id}").status == 200
    assert result_count(api, f"/v1/deliveries?event={event_id}") == 1


def test_prune_takes_every_way_to_end(create_client, accepted, deliver, api, clock, prune):
    create_client(slug="delivered")
    create_client(slug="dead").inbox.answer(Answer(500))
    create_client(slug="skipped", format="slack_blocks")
    cancelled = create_client(slug="cancelled")
    api.patch(cancelled.url, {"status": "disabled"})
    accepted()
    for _ in range(8):
        deliver()
        clock.move(hours=13)
    api.delete(cancelled.url)
    states = {row["client"]: row["status"] for row in api.get("/v1/deliveries").json()["results"]}
    assert states == {name: name for name in states} and len(states) == 4
    clock.move(days=31)

    prune()

    assert result_count(api, "/v1/events") == 0


@pytest.mark.parametrize("disabled", [False, True], ids=["between two attempts", "client disabled"])
def test_prune_leaves_an_event_with_a_pending_delivery_whole(
    create_client, accepted, deliver, api, clock, prune, disabled
):
    create_client(slug="done")
    waiting = create_client(slug="waiting")
    waiting.inbox.answer(Answer(500))
    if disabled:
        api.patch(waiting.url, {"status": "disabled"})
    event_id = accepted()
    deliver()
    clock.move(days=400)

    prune()

    assert api.get(f"/v1/events/{event_id}").status == 200
    assert result_count(api, f"/v1/deliveries?event={event_id}") == 2


def test_prune_takes_old_events_without_subscribers(accepted, api, clock, prune):
    accepted()
    clock.move(days=31)

    prune()

    assert result_count(api, "/v1/events") == 0


def test_an_idempotency_key_lives_as_long_as_its_event(api, clock, prune):
    first = api.post("/v1/events", event(), headers={"Idempotency-Key": "once"})
    clock.move(days=29)
    prune()
    second = api.post("/v1/events", event(), headers={"Idempotency-Key": "once"})
    clock.move(days=2)
    prune()

    third = api.post("/v1/events", event(), headers={"Idempotency-Key": "once"})

    assert second.json()["id"] == first.json()["id"]
    assert third.status == 202
    assert third.json()["id"] != first.json()["id"]


def test_prune_takes_other_ages(accepted, api, clock, prune):
    accepted()
    clock.move(days=3)

    prune("7d")
    assert result_count(api, "/v1/events") == 1
    prune("2d")
    assert result_count(api, "/v1/events") == 0


@pytest.mark.parametrize("older_than", [None, "", "d", "-1d", "soon", "30 d", "1e9d", "99999999999d", "٣d"])
def test_prune_refuses_an_age_that_makes_no_sense(accepted, api, clock, manage, older_than):
    accepted()
    clock.move(days=365)

    run = manage("prune", *(() if older_than is None else (f"--older-than={older_than}",)))

    assert run.exit_code != 0
    assert "Traceback" not in run.stderr
    assert result_count(api, "/v1/events") == 1
