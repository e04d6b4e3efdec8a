"""Request 10: one e-mail to the owner when its endpoint is the reason that a client is disabled."""

import socketserver
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import takewhile

import pytest
from admin_site import CLIENTS, AdminSite

from harness.http import Api
from harness.problems import assert_problem
from harness.processes import Stage
from harness.receiver import Answer
from harness.world import Manage

OWNER = "owner@acme.example"
SENDER = "hooks@platform.example"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class MailServer(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps the messages it gets. `mode` is "up", "down" or "hangs"."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.url = f"smtp://127.0.0.1:{self.server_address[1]}"
        self.reset()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def reset(self):
        self.mode, self.messages, self.recipients = "up", [], []
        self.reached, self.test_is_over = threading.Event(), threading.Event()


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        server = self.server
        server.reached.set()
        if server.mode == "hangs":
            server.test_is_over.wait(60)
        if server.mode != "up":
            return
        self.say("220 ready")
        while line := self.rfile.readline():
            verb = line.split()[0].upper()
            if verb == b"RCPT":
                server.recipients.append(line.decode().partition("<")[2].partition(">")[0])
            if verb == b"DATA":
                self.say("354 go on")
                lines = takewhile(lambda line: line not in (b".\r\n", b""), iter(self.rfile.readline, None))
                server.messages.append(message_from_bytes(b"".join(lines), policy=policy.default))
            self.say("221 bye" if verb == b"QUIT" else "250 ok")

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture(scope="module")
def _mail_server():
    server = MailServer()
    yield server
    server.test_is_over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def _mailing_stage(stage, _mail_server, tmp_path_factory):
    env = {**stage.env, "WEBHOOKS_EMAIL_URL": _mail_server.url, "WEBHOOKS_EMAIL_FROM": SENDER}
    mailing = Stage(stage.folder, env, tmp_path_factory.mktemp("mailing"))
    yield mailing
    mailing.stop()


@pytest.fixture
def mail_server(_mail_server):
    _mail_server.reset()
    yield _mail_server
    _mail_server.test_is_over.set()


@pytest.fixture
def mailing(_mailing_stage, mail_server, _clean_slate):
    """`manage` with a mail server in its environment."""
    mark = _mailing_stage.started()
    yield Manage(_mailing_stage)
    _mailing_stage.end_all_after(mark)


@pytest.fixture
def deliver(mailing):
    return lambda: mailing.ok("deliver", "--once")


@pytest.fixture
def gone_client(create_client):
    """A client with an owner, whose endpoint answers 410."""

    def create(**changes):
        client = create_client(**{"owner_email": OWNER, **changes})
        client.inbox.answer(Answer(410))
        return client

    return create


def reason_of(api, client):
    return api.get(client.url).json()["disabled_reason"]


def lost(log, client):
    """Whether a line of the log says that the mail about this client is lost."""
    return any((line["event"], line.get("client")) == ("owner_email_failed", client.slug) for line in log)


def test_an_endpoint_that_is_gone_causes_one_mail_to_its_owner(gone_client, accepted, deliver, api, mail_server):
    client = gone_client()
    for _ in range(3):
        accepted()

    deliver()

    assert reason_of(api, client) == "gone"
    (message,) = mail_server.messages
    assert mail_server.recipients == [OWNER]
    assert (message["To"], message["From"]) == (OWNER, SENDER)
    assert client.slug in message["Subject"]
    assert message.get_content_type() == "text/plain"
    assert client.slug in message.get_content()
    assert "gone" in message.get_content()


def test_an_endpoint_that_fails_for_days_causes_one_mail_to_the_present_owner(
    create_client, accepted, deliver, api, mail_server, clock
):
    client = create_client(owner_email=OWNER)
    client.inbox.answer(Answer(500))
    client.api.patch(client.url, {"owner_email": "next@acme.example"})

    for day in (0, 1, 3, 5):
        clock.freeze(NOON + timedelta(days=day))
        accepted()
        deliver()

    assert reason_of(api, client) == "failing"
    (message,) = mail_server.messages
    assert mail_server.recipients == ["next@acme.example"]
    assert "failing" in message.get_content()


def test_a_client_that_came_back_and_is_gone_again_causes_another_mail(
    gone_client, accepted, deliver, api, mail_server
):
    client = gone_client()
    accepted()
    deliver()

    client.api.patch(client.url, {"status": "active"})
    accepted()
    deliver()

    assert reason_of(api, client) == "gone"
    assert mail_server.recipients == [OWNER, OWNER]


def test_nobody_gets_a_mail_when_a_client_is_disabled_on_purpose_or_has_no_owner(
    gone_client, create_client, accepted, deliver, api, admin, key_of, mailing, mail_server, receiver
):
    gate = receiver.gate()
    late = gone_client()
    late.inbox.answer(Answer(410, gate=gate))
    accepted()
    worker = mailing.start("deliver", "--once")
    late.inbox.wait()
    by_operator, by_client, in_admin = (gone_client() for _ in range(3))
    through = Api(mailing.serve().port, api.key)

    for client in (by_operator, late):
        through.patch(client.url, {"status": "disabled"})
    through.as_key(by_client.api_key).patch(by_client.url, {"status": "disabled"})
    AdminSite(through, admin.cookies).act(CLIENTS, "disable_selected", [key_of(in_admin.slug)])
    gate.open()
    worker.wait()
    without_owner, last = create_client(), gone_client(owner_email="last@acme.example")
    without_owner.inbox.answer(Answer(410))
    accepted()
    deliver()

    assert [reason_of(api, client) for client in (late, by_operator, in_admin)] == ["operator"] * 3
    assert reason_of(api, by_client) == "client"
    assert [reason_of(api, client) for client in (without_owner, last)] == ["gone"] * 2
    assert mail_server.recipients == ["last@acme.example"]


def test_a_mail_server_that_is_down_loses_the_mail_and_nothing_else(
    gone_client, create_client, accepted, deliver, api, mail_server
):
    client, other = gone_client(), create_client()
    mail_server.mode = "down"
    accepted()

    run = deliver()
    mail_server.mode = "up"
    deliver()

    assert reason_of(api, client) == "gone"
    assert len(client.inbox) == len(other.inbox) == 1
    counts = {row["client"]: row["attempt_count"] for row in api.get("/v1/deliveries").json()["results"]}
    assert counts == {client.slug: 1, other.slug: 1}
    assert lost(run.log, client)
    assert mail_server.messages == []


def test_a_mail_server_that_hangs_delays_no_delivery(gone_client, create_client, accepted, api, mailing, mail_server):
    client, other = gone_client(), create_client()
    mail_server.mode = "hangs"
    worker = mailing.start("deliver")
    accepted()

    assert mail_server.reached.wait(10)
    assert reason_of(api, client) == "gone"
    accepted()
    other.inbox.wait(2, within=2)

    worker.wait_for_output("owner_email_failed", within=6)
    worker.terminate()
    assert lost(worker.wait().log, client)


OTHER_SETTINGS = {
    "another scheme": {"WEBHOOKS_EMAIL_URL": "http://127.0.0.1:25", "WEBHOOKS_EMAIL_FROM": SENDER},
    "no sender": {"WEBHOOKS_EMAIL_URL": "smtp://127.0.0.1:25"},
}


@pytest.mark.parametrize("env", OTHER_SETTINGS.values(), ids=OTHER_SETTINGS)
def test_settings_that_cannot_send_fail_the_check(manage, env):
    assert manage("check", env=env).exit_code != 0


LONGEST = "owner@" + ".".join(["a" * 63] * 3 + ["a" * 56])
REFUSED = [
    *(
        "",
        "acme",
        "@acme.example",
        "owner@",
        "owner@acme",
        "a@b@acme.example",
        "öwner@acme.example",
        "owner@ácme.example",
    ),
    *(" owner@acme.example", "owner@acme.example\n", "owner@acme.example\r\nBcc: a@b.example", "own er@acme.example"),
    *("Owner <owner@acme.example>", "a@b.example,c@d.example", LONGEST + "a", 5, True, [OWNER], {"to": OWNER}),
]


def test_the_address_is_set_changed_and_removed_and_shown_only_if_it_is_there(create_client, client_document, api):
    client, without = create_client(owner_email=OWNER), create_client(owner_email=None)

    changed = client.api.patch(client.url, {"owner_email": LONGEST})
    refused = [
        caller
        for address in REFUSED
        for caller in (
            api.post("/v1/clients", client_document(owner_email=address)),
            client.api.patch(client.url, {"owner_email": address}),
        )
    ]
    listed = {row["slug"]: row for row in api.get("/v1/clients").json()["results"]}
    removed = api.patch(client.url, {"owner_email": None})

    assert client.created["owner_email"] == OWNER
    assert changed.json()["owner_email"] == listed[client.slug]["owner_email"] == LONGEST
    for response in refused:
        assert_problem(response, 422, {"/owner_email"})
    assert removed.status == 200
    for shown in (without.created, listed[without.slug], removed.json(), client.api.get(client.url).json()):
        assert "owner_email" not in shown


def test_the_admin_sets_checks_and_removes_the_address(admin, create_client, key_of, api):
    client = create_client()
    path = f"{CLIENTS}{key_of(client.slug)}/change/"

    taken = admin.submit(path, {"owner_email": OWNER})
    shown = api.get(client.url).json()
    refused = admin.submit(path, {"owner_email": "acme"})
    emptied = admin.submit(path, {"owner_email": ""})

    assert [taken.status, refused.status, emptied.status] == [302, 200, 302]
    assert shown["owner_email"] == OWNER
    assert "errorlist" in refused.html
    assert "owner_email" not in api.get(client.url).json()


def test_the_document_describes_the_member(api):
    document = api.get("/v1/openapi.json").json()

    def members(of):
        (content,) = of["content"].values()
        return document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]["properties"]

    post, patch = document["paths"]["/v1/clients"]["post"], document["paths"]["/v1/clients/{slug}"]["patch"]
    for described in (post["requestBody"], post["responses"]["201"], patch["requestBody"], patch["responses"]["200"]):
        assert "owner_email" in members(described)
