"""Request 08: with BODY_STORE, frozen bodies are files in a folder, and everything else is as before."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from admin_site import DELIVERIES, AdminSite

from harness.examples import event
from harness.http import Api
from harness.problems import assert_problem
from harness.processes import Stage
from harness.receiver import Answer
from harness.world import Manage


class Store:
    """The folder of the bodies, as an operator sees it."""

    def __init__(self, folder):
        self.folder = folder

    def files(self):
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def bodies(self):
        return sorted(path.read_bytes() for path in self.files())

    def file_of(self, body):
        found = [path for path in self.files() if path.read_bytes() == body]
        assert len(found) == 1, f"{len(found)} files have this body: {body!r}"
        return found[0]

    @contextmanager
    def away(self):
        """Inside, there is a file in the place of the folder."""
        aside = self.folder.with_suffix(".aside")
        self.folder.rename(aside)
        self.folder.write_bytes(b"no folder")
        try:
            yield
        finally:
            self.folder.unlink()
            aside.rename(self.folder)


@pytest.fixture(scope="module")
def _storing_stage(stage, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bodies")
    storing = Stage(stage.folder, {**stage.env, "BODY_STORE": str(folder)}, tmp_path_factory.mktemp("storing"))
    yield storing
    storing.stop()


@pytest.fixture
def manage(_storing_stage, _clean_slate):
    """The commands, with the setting. `deliver` uses it too."""
    mark = _storing_stage.started()
    yield Manage(_storing_stage)
    _storing_stage.end_all_after(mark)


@pytest.fixture
def store(_storing_stage):
    """The folder of the bodies, empty."""
    store = Store(Path(_storing_stage.env["BODY_STORE"]))
    for path in store.files():
        path.unlink()
    return store


@pytest.fixture
def through(manage, store, api):
    """The API of a server with the setting; `api` is one without it."""
    server = manage.serve()
    return Api(server.port, api.key, server.log)


@pytest.fixture
def posted(through):
    """Posts the example event to the server with the setting. Returns the event's id."""

    def post(key="k", **changes):
        response = through.post("/v1/events", event(**changes), headers={"Idempotency-Key": key})
        assert response.status == 202, response.body
        return response.json()["id"]

    return post


@pytest.fixture
def body_of(through):
    """The body that the client would receive of the example event; only for formats without the event's id."""
    return lambda client, **changes: through.post(f"{client.url}/preview", event(**changes)).body


@pytest.fixture
def columns(database):
    """The column `body` of all deliveries, as bytes; the oldest first."""
    return lambda: [
        bytes(row["body"] or b"") for row in database.rows("SELECT body FROM webhooks_delivery ORDER BY id")
    ]


def delivery_of(api, client):
    (delivery,) = api.get(f"/v1/deliveries?client={client.slug}").json()["results"]
    return delivery


def test_each_body_is_a_file_and_its_column_is_empty(through, posted, body_of, create_client, store, columns):
    clients = [create_client(), create_client(format="csv"), create_client(format="slack_blocks")]

    posted()
    of_the_event = store.bodies()
    posted()
    tested = through.post(f"{clients[1].url}/test", {})

    assert of_the_event == sorted(body_of(client) for client in clients[:2])
    assert tested.status == 202
    assert len(store.files()) == 3
    assert columns() == [b""] * 4


def test_every_use_of_a_body_is_as_before(
    through, posted, body_of, create_client, deliver, clock, store, columns, admin, key_of
):
    client = create_client(format="csv")
    client.inbox.answer(Answer(500), Answer())
    event_id, expected = posted(), body_of(client)
    client.api.patch(client.url, {"format": {"name": "std_json", "version": 1}})

    deliver()
    clock.move(seconds=7)
    deliver()
    delivery = delivery_of(through, client)
    retried = through.post(f"/v1/deliveries/{delivery['id']}/retry")
    deliver()

    assert (columns(), store.bodies()) == ([b""], [expected])
    assert retried.status == 202
    assert client.inbox.bodies == [expected] * 3
    for caller, query in ((through.as_key(client.api_key), ""), (through, f"?client={client.slug}")):
        response = caller.get(f"/v1/events/{event_id}{query}")
        assert (response.status, response.body) == (200, expected)
        assert response.content_type == client.inbox.last.headers["content-type"]
    page = AdminSite(through, admin.cookies).get(f"{DELIVERIES}{key_of(delivery['id'])}/change/")
    assert expected.decode().splitlines()[1] in page.text


def test_a_body_from_before_the_setting_works_from_its_column(
    through, posted, body_of, accepted, create_client, deliver, store, columns
):
    client = create_client(format="csv")
    event_id, expected = accepted(), body_of(client)
    new = body_of(client, data__amount="7.00")
    posted(data__amount="7.00")

    shown = through.get(f"/v1/events/{event_id}?client={client.slug}")
    deliver()

    assert (shown.status, shown.body) == (200, expected)
    assert sorted(client.inbox.bodies) == sorted([expected, new])
    assert (columns(), store.bodies()) == ([expected, b""], [new])


def test_a_delivery_whose_file_is_lost_is_dead_until_the_file_is_back(
    through, posted, body_of, create_client, manage, store, admin, key_of
):
    client, other = create_client(format="csv"), create_client(format="form_legacy")
    other.inbox.answer(Answer(200, b"[accepted]"))
    event_id, expected = posted(), body_of(client)
    file = store.file_of(expected)
    file.unlink()

    run = manage.ok("deliver", "--once")
    delivery = delivery_of(through, client)
    retry, own = f"/v1/deliveries/{delivery['id']}/retry", f"/v1/events/{event_id}?client={client.slug}"
    refused, missing = through.post(retry), through.get(own)
    page = AdminSite(through, admin.cookies).get(f"{DELIVERIES}{key_of(delivery['id'])}/change/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(expected)
    shown, retried = through.get(own), through.post(retry)
    manage.ok("deliver", "--once")

    assert (delivery["status"], delivery["attempt_count"]) == ("dead", 0)
    assert [line["delivery_id"] for line in run.log if line["event"] == "body_lost"] == [delivery["id"]]
    assert len(other.inbox) == 1
    assert_problem(refused, 409)
    assert_problem(missing, 404)
    assert page.status == 200
    assert (shown.status, shown.body, retried.status) == (200, expected, 202)
    assert client.inbox.bodies == [expected]
    assert delivery_of(through, client)["status"] == "delivered"


def test_refused_and_repeated_events_leave_no_file(through, create_client, manage, store):
    create_client()
    servers = [through, Api(manage.serve().port, through.key)]

    def post(number, **changes):
        body, key = event(**changes), {"Idempotency-Key": "k"}
        return servers[number % 2].post("/v1/events", body, headers=key).status

    refused, left = post(0, data__amount="1.005"), store.files()
    with ThreadPoolExecutor(12) as many:
        at_once = list(many.map(post, range(12)))
    other_body = post(0, data__amount="7.00")

    assert (refused, left) == (422, [])
    assert at_once == [202] * 12
    assert other_body == 422
    assert len(store.files()) == 1


def test_an_event_whose_body_cannot_be_written_is_refused_whole(through, posted, create_client, store, database):
    client = create_client()
    before = database.snapshot()

    with store.away():
        refused = through.post("/v1/events", event(), headers={"Idempotency-Key": "k"})
        untested = through.post(f"{client.url}/test", {})
    after = database.snapshot()
    posted(key="k")

    assert_problem(refused, 503)
    assert_problem(untested, 503)
    assert after == before
    assert len(store.files()) == 1


def test_prune_removes_the_files_of_what_it_deletes(
    through, posted, body_of, create_client, deliver, manage, store, clock
):
    client, waiting = create_client(format="csv"), create_client(format="csv", event_types=["payout.paid"])
    through.patch(waiting.url, {"status": "disabled"})
    posted()
    kept = posted(key="kept", type="payout.paid")
    deliver()
    clock.move(days=31)
    young = posted(key="young", data__amount="7.00")
    deliver()

    before = len(store.files())
    manage.ok("prune", "--older-than", "30d")

    assert before == 4
    assert [row["id"] for row in through.get("/v1/events").json()["results"]] == [young, kept]
    of_kept = body_of(client, type="payout.paid")
    assert store.bodies() == sorted([body_of(client, data__amount="7.00"), of_kept, of_kept])


def test_a_store_that_is_no_folder_fails_the_check(stage, tmp_path):
    (tmp_path / "file").touch()

    checks = [stage.start("check", env={"BODY_STORE": value}) for value in (".", str(tmp_path / "file"))]

    assert [check.wait().exit_code != 0 for check in checks] == [True, True]
