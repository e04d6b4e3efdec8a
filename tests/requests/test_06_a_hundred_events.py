"""Request 06: up to a hundred events in one request, or any number from a file, and all of them or none."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.examples import ABSENT, event
from harness.problems import assert_problem

# The suite lists every route under /v1/ and takes no other; this request adds one.
REPLACES = ("test_running.py::test_the_document_lists_every_route",)

BATCH = "/v1/events/batch"


def events(count):
    """Events of alternating types, in which each payment has its own id."""
    types = ("payment.captured", "payout.paid")
    return [event(type=types[n % 2], data__payment_id=f"pay_{n}") for n in range(count)]


@pytest.fixture
def post(api):
    """Posts these events as one batch."""

    def send(batch, key="k", through=api):
        return through.post(BATCH, {"events": batch}, headers={"Idempotency-Key": key})

    return send


@pytest.fixture
def stored(api):
    """The ids of all events, oldest first."""
    return lambda: [row["id"] for row in reversed(api.get("/v1/events?limit=200").json()["results"])]


@pytest.fixture
def file(tmp_path):
    """A file of these lines; a line that is no text is an event."""

    def write(*lines):
        path = tmp_path / "events.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        return str(path)

    return write


def test_a_hundred_events_are_accepted_in_their_order_and_delivered(post, stored, create_client, deliver):
    client = create_client(event_types=["payment.*"])

    response = post(events(100))
    deliver()

    assert response.status == 202
    assert set(response.json()) == {"events"}
    shown = response.json()["events"]
    assert [set(each) for each in shown] == [{"id", "deliveries"}] * 100
    assert [each["deliveries"] for each in shown] == [1, 0] * 50
    assert [each["id"] for each in shown] == stored()
    sent = {request.headers["webhook-id"]: json.loads(request.body)["data"]["payment_id"] for request in client.inbox}
    assert sent == {shown[n]["id"]: f"pay_{n}" for n in range(0, 100, 2)}
    assert len(client.inbox) == 50


ONE_BAD = [*events(3), event(data__amount="1.005"), event()]
MANY_BAD = [event(data__currency="usd"), event(), 7, event({"/data/customer": ABSENT, "/data/x": 1, "/y": None})]
REFUSED = {
    "a bad event": ({"events": ONE_BAD}, {"/events/3/data/amount"}),
    "several bad events": (
        {"events": MANY_BAD},
        {"/events/0/data/currency", "/events/2", "/events/3/data/customer", "/events/3/data/x", "/events/3/y"},
    ),
    "no event": ({"events": []}, {"/events"}),
    "a hundred and one events": ({"events": events(101)}, {"/events"}),
    "an object of events": ({"events": {"0": event()}}, {"/events"}),
    "null": ({"events": None}, {"/events"}),
    "no member": ({}, {"/events"}),
    "an unknown member": ({"events": [event()], "atomic": False}, {"/atomic"}),
}


@pytest.mark.parametrize(("body", "pointers"), REFUSED.values(), ids=REFUSED)
def test_a_bad_batch_is_refused_whole_and_keeps_no_key(api, post, create_client, database, body, pointers):
    create_client()
    before = database.snapshot()

    refused = api.post(BATCH, body, headers={"Idempotency-Key": "k"})

    assert_problem(refused, 422, pointers)
    assert database.snapshot() == before
    accepted = post(events(2))
    assert accepted.status == 202
    assert "Idempotent-Replayed" not in accepted.headers


def test_a_batch_needs_an_operator_and_a_key(api, post, create_client):
    client = create_client()

    assert_problem(post(events(1), through=client.api), 404)
    assert_problem(api.post(BATCH, {"events": events(1)}), 400, {""}, naming="Idempotency-Key")
    assert_problem(post(events(1), key="a b"), 400, {""}, naming="Idempotency-Key")


def test_the_key_belongs_to_the_whole_batch(api, post, post_event, create_client, stored):
    client = create_client()
    single = post_event(key="single")
    first = post(events(3))
    api.delete(client.url)

    again = post(events(3))

    assert (again.status, again.body) == (202, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    for refused in (post(events(2)), post([event()], key="single"), post_event(key="k")):
        assert_problem(refused, 422, {""}, naming="Idempotency-Key")
    assert stored() == [single.json()["id"], *(each["id"] for each in first.json()["events"])]


def test_the_key_is_free_again_when_the_batch_is_pruned(post, stored, manage, clock):
    first = post(events(3))
    clock.move(days=31)
    manage.ok("prune", "--older-than", "30d")

    second = post(events(3))

    assert second.status == 202
    assert "Idempotent-Replayed" not in second.headers
    assert stored() == [each["id"] for each in second.json()["events"]]
    assert not set(stored()) & {each["id"] for each in first.json()["events"]}


def test_identical_batches_at_once_make_one(post, stored, create_client):
    create_client()

    with ThreadPoolExecutor(12) as many:
        answers = list(many.map(lambda _: post(events(3)), range(12)))

    assert {answer.status for answer in answers} == {202}
    assert len({answer.body for answer in answers}) == 1
    assert sorted("Idempotent-Replayed" in answer.headers for answer in answers) == [False] + [True] * 11
    assert len(stored()) == 3


def test_an_import_takes_a_whole_file_and_prints_the_ids(manage, file, stored, create_client, deliver):
    client = create_client(event_types=["payout.paid"])
    path = file(*events(101), "", " \t", event(type="payout.paid", data__payment_id="last"))

    run = manage("import_events", path)
    deliver()

    assert run.exit_code == 0, run.stderr
    assert run.stdout == "".join(f"{event_id}\n" for event_id in stored())
    assert len(stored()) == 102
    sent = [json.loads(request.body)["data"]["payment_id"] for request in client.inbox]
    assert sorted(sent) == sorted([*(f"pay_{n}" for n in range(1, 101, 2)), "last"])


BAD_FILES = {
    "a bad member": (
        [event(), "", event(data__amount="1.005"), event(data__currency="usd")],
        ["line 3", "/data/amount"],
    ),
    "an unknown member": ([event({"/data/x": 1})], ["line 1", "/data/x"]),
    "no JSON": ([event(), '{"type":'], ["line 2"]),
    "no object": ([event(), "7"], ["line 2"]),
    "no event": (["", " "], []),
}


@pytest.mark.parametrize(("lines", "said"), BAD_FILES.values(), ids=BAD_FILES)
def test_an_import_of_a_bad_file_stores_nothing_and_says_the_line(manage, file, database, create_client, lines, said):
    create_client()
    before = database.snapshot()

    bad = manage("import_events", file(*lines), "--idempotency-key", "k")
    good = manage("import_events", file(event()), "--idempotency-key", "k")

    assert (bad.exit_code, bad.stdout) == (1, "")
    assert [text in bad.stderr for text in said] == [True] * len(said)
    assert "Traceback" not in bad.stderr
    assert good.exit_code == 0, good.stderr
    assert len(database.snapshot()["webhooks_event"]) == len(before["webhooks_event"]) + 1


def test_an_import_with_a_key_happens_once(manage, file, stored, post_event, tmp_path):
    post_event(key="single")
    first = manage.ok("import_events", file(*events(2)), "--idempotency-key", "k")
    before = stored()

    again = manage("import_events", file(*events(2)), "--idempotency-key", "k")
    refused = [
        manage("import_events", file(*events(2), ""), "--idempotency-key", "k"),
        manage("import_events", file(event()), "--idempotency-key", "single"),
        manage("import_events", file(event()), "--idempotency-key", "a b"),
        manage("import_events", str(tmp_path / "nothing"), "--idempotency-key", "other"),
    ]
    without = [manage.ok("import_events", file(*events(1))).stdout for _ in range(2)]

    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert [(run.exit_code, run.stdout) for run in refused] == [(1, "")] * 4
    assert stored() == before + [text.strip() for text in without]


def test_the_document_lists_the_batch_and_every_other_route(api):
    document = api.get("/v1/openapi.json").json()

    described = document["paths"][BATCH]["post"]
    headers = {each["name"]: each["required"] for each in described["parameters"] if each["in"] == "header"}
    assert headers == {"Idempotency-Key": True}
    assert "202" in described["responses"]
    routes = {path for path in document["paths"] if path.startswith("/v1/")}
    assert len(routes - {"/v1/openapi.json"}) == 13
