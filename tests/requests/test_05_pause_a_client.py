"""Request 05: a client is paused by API, command or admin, by the same rules, and goes on by itself."""

from datetime import UTC, timedelta, timezone

import pytest
from admin_site import CLIENTS
from history import deliveries_of, delivery_of, errors_of

from harness.examples import EXAMPLE
from harness.problems import assert_problem
from harness.receiver import Answer

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
MICROSECOND = timedelta(microseconds=1)


def written(time):
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.fixture
def now(clock):
    """The present time, at which the clock stands: no later one, because a sign-in to the admin ends."""
    return clock.freeze()


@pytest.fixture
def pause(api):
    def until(client, time, through=api):
        return through.patch(client.url, {"paused_until": None if time is None else written(time)})

    return until


def paused_until(api, client):
    """The end of the pause as the API shows it, None without the member."""
    return api.get(client.url).json().get("paused_until")


# While it is paused


def test_a_paused_client_gets_nothing_and_goes_on_by_itself(
    api, now, create_client, pause, accepted, manage, deliver, clock, receiver
):
    client, other, gate = create_client(), create_client(), receiver.gate()
    client.inbox.answer(Answer(500, gate=gate), Answer(200))
    accepted()
    worker = manage.start("deliver", "--once")
    client.inbox.wait()
    pause(client, now + HOUR)
    gate.open()
    worker.wait()
    planned = delivery_of(api, client)

    clock.freeze(now + HOUR - MICROSECOND)
    deliver()
    kept = delivery_of(api, client)
    requests_while_paused = len(client.inbox)
    clock.freeze(now + HOUR)
    deliver()

    assert (planned["status"], errors_of(planned)) == ("pending", ["bad_status"])
    assert kept == planned
    assert (requests_while_paused, len(other.inbox)) == (1, 1)
    assert errors_of(delivery_of(api, client)) == ["bad_status", None]


def test_a_paused_client_still_gets_rows_that_wait_and_raise_no_alarm(
    api, now, create_client, pause, accepted, deliver, clock
):
    client = create_client()
    pause(client, now + HOUR)

    accepted()
    tested = client.api.post(f"{client.url}/test")
    waiting = deliveries_of(api, client)
    retried = client.api.post(f"/v1/deliveries/{waiting[0]['id']}/retry")
    preview = client.api.post(f"{client.url}/preview", EXAMPLE)
    clock.freeze(now + HOUR / 2)
    deliver()
    metrics = api.anonymous().get("/metrics").text
    kept = deliveries_of(api, client)
    ended = pause(client, None)
    deliver()

    assert [answer.status for answer in (tested, retried, preview, ended)] == [202, 202, 200, 200]
    assert kept == waiting
    assert [(row["status"], row["attempts"]) for row in kept] == [("pending", [])] * 2
    assert "\nwebhooks_oldest_due_seconds 0.0\n" in metrics
    assert {row["status"] for row in deliveries_of(api, client)} == {"delivered"}


def test_the_end_of_a_pause_is_shown_while_it_lasts(api, now, create_client, pause, clock):
    client = create_client()
    in_tokyo = (now + HOUR).astimezone(timezone(9 * HOUR)).isoformat()

    by_operator = api.patch(client.url, {"paused_until": in_tokyo})
    by_client = pause(client, now + 2 * HOUR, through=client.api)
    listed = api.get("/v1/clients").json()["results"][0]
    ended = client.api.patch(client.url, {"paused_until": None})
    again = pause(client, now + HOUR)
    clock.freeze(now + HOUR)

    assert by_operator.json()["paused_until"] == written(now + HOUR)
    assert by_client.json()["paused_until"] == listed["paused_until"] == written(now + 2 * HOUR)
    assert (ended.status, again.status) == (200, 200)
    assert (ended.json()["status"], "paused_until" in ended.json()) == ("active", False)
    assert "paused_until" not in api.get(client.url).json()
    assert '"paused_until"' in api.anonymous().get("/v1/openapi.json").text


# What is refused


def test_a_pause_ends_later_than_now_and_within_seven_days(api, now, create_client, client_document, pause, database):
    client = create_client()
    before = database.snapshot()
    times = [written(time) for time in (now, now - HOUR, now + WEEK + MICROSECOND, now + 300 * WEEK)]
    good = written(now + HOUR)
    others = ["", "tomorrow", good[:10], good[:-1], good.replace("T", " "), int(now.timestamp()) + 60, True, [], {}]

    for value in times + others:
        for through in (api, client.api):
            assert_problem(through.patch(client.url, {"name": "B", "paused_until": value}), 422, {"/paused_until"})
    at_creation = api.post("/v1/clients", client_document(paused_until=good))

    assert_problem(at_creation, 422, {"/paused_until"})
    assert database.snapshot() == before
    for allowed in (now + MICROSECOND, now + WEEK):
        assert pause(client, allowed).json()["paused_until"] == written(allowed)


def test_a_disabled_client_is_not_paused_and_a_paused_one_may_be_disabled(api, now, create_client, pause):
    client = create_client()
    later = written(now + HOUR)

    both = api.patch(client.url, {"status": "disabled", "paused_until": later})
    untouched = api.get(client.url).json()
    disabled = api.patch(client.url, {"status": "disabled"})
    refused = pause(client, now + HOUR)
    null = pause(client, None)
    enabled = api.patch(client.url, {"status": "active", "paused_until": later})
    api.patch(client.url, {"status": "disabled"})
    enabled_again = api.patch(client.url, {"status": "active"})

    assert_problem(both, 422, {"/paused_until"})
    assert untouched["status"] == "active"
    assert_problem(refused, 422, {"/paused_until"})
    assert [answer.status for answer in (disabled, null, enabled)] == [200] * 3
    assert enabled.json()["paused_until"] == enabled_again.json()["paused_until"] == later


def test_all_three_say_the_same_why_not(api, now, create_client, pause, manage, admin, key_of):
    active, disabled = create_client(), create_client()
    api.patch(disabled.url, {"status": "disabled"})

    def detail(client, time):
        (error,) = assert_problem(pause(client, time), 422, {"/paused_until"})["errors"]
        return error["detail"]

    for client, time in ((active, now - HOUR), (active, now + WEEK + HOUR), (disabled, now + HOUR)):
        run = manage("pause_client", client.slug, "--until", written(time))
        assert run.exit_code != 0
        assert detail(client, time) in run.stderr
        assert "Traceback" not in run.stderr
    acted = admin.act(CLIENTS, "pause_selected", [key_of(disabled.slug)])

    assert detail(disabled, now + HOUR) in admin.get(acted.location).text
    assert detail(disabled, now + HOUR) not in (detail(active, now - HOUR), detail(active, now + WEEK + HOUR))
    assert paused_until(api, active) is paused_until(api, disabled) is None


# The command and the admin


def test_the_command_pauses_and_resumes(api, now, create_client, manage, accepted, deliver):
    client, deleted = create_client(), create_client()
    api.delete(deleted.url)
    end = now + HOUR
    until = ("--until", end.astimezone(timezone(2 * HOUR)).isoformat())

    paused = manage("pause_client", client.slug, *until)
    shown = paused_until(api, client)
    wrong = [
        manage("pause_client", *arguments)
        for arguments in (
            (client.slug,),
            (client.slug, *until, "--resume"),
            (client.slug, "--until", end.replace(tzinfo=None).isoformat()),
            (client.slug, "--until", written(now + WEEK + HOUR)),
            ("nobody", *until),
            (deleted.slug, *until),
            (deleted.slug, "--resume"),
        )
    ]
    accepted()
    deliver()
    requests_while_paused = len(client.inbox)
    shown_after_wrong = paused_until(api, client)
    resumed = manage("pause_client", client.slug, "--resume")
    deliver()

    assert (paused.exit_code, paused.stdout, shown) == (0, "", written(end))
    assert all(run.exit_code != 0 and "Traceback" not in run.stderr for run in wrong)
    assert shown_after_wrong == shown
    assert (resumed.exit_code, resumed.stdout, paused_until(api, client)) == (0, "", None)
    assert (requests_while_paused, len(client.inbox)) == (0, 1)


def test_the_admin_pauses_the_selected_clients_for_one_hour(api, now, create_client, pause, admin, key_of, database):
    active, paused, disabled, left_out = (create_client() for _ in range(4))
    pause(paused, now + WEEK)
    api.patch(disabled.url, {"status": "disabled"})
    selected = [key_of(client.slug) for client in (active, paused, disabled)]

    admin.act(CLIENTS, "pause_selected", selected)

    ends = [paused_until(api, client) for client in (active, paused, disabled, left_out)]
    assert ends == [written(now + HOUR)] * 2 + [None] * 2
    history = database.rows("SELECT object_id FROM django_admin_log ORDER BY object_id")
    assert sorted(row["object_id"] for row in history) == sorted(str(key) for key in selected[:2])


def test_staff_that_may_only_look_pauses_nobody(api, now, create_client, admin, key_of, database):
    client = create_client()
    offered = admin.get(CLIENTS).html
    database.execute("UPDATE auth_user SET is_superuser = false")
    database.execute(
        "INSERT INTO auth_user_user_permissions (user_id, permission_id)"
        " SELECT u.id, p.id FROM auth_user u, auth_permission p WHERE p.codename = 'view_client'"
    )

    page = admin.get(CLIENTS)
    admin.act(CLIENTS, "pause_selected", [key_of(client.slug)])

    assert "pause_selected" in offered
    assert (len(page.rows), "pause_selected" in page.html) == (1, False)
    assert paused_until(api, client) is None
