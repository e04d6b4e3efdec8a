"""The lab over HTTP: endpoints that fail, the guard of the page, the stream of records, and recordings."""

import base64
import hashlib
import json
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
import requests
from labs import SECRET, raw, read, served, signed, trusting

from workshop.demo.lab import web
from workshop.demo.lab.recording import recording
from workshop.demo.lab.servers import Said, as_bytes
from workshop.harness.conduct import Conduct

# Endpoints


@pytest.mark.parametrize(
    ("conduct", "status", "body"),
    [
        (Conduct.USUAL, 200, "[accepted]"),
        (Conduct.STATUS_500, 500, "Internal error"),
        (Conduct.STATUS_410, 410, "Gone"),
        (Conduct.WRONG_ACK, 200, "thank you"),
    ],
)
def test_a_client_answers_as_it_was_told(serving, lab, conduct, status, body):
    lab.sides["before"].inbox.behave("himal-travel", conduct)

    answer = requests.post(
        f"{serving.url}/before/hooks/himal-travel", data=b"{}", headers=signed("evt_1"), timeout=10
    )  # fmt: skip

    assert (answer.status_code, answer.text) == (status, body)


def test_hints_come_before_the_answer(serving, lab):
    lab.sides["before"].inbox.behave("himal-travel", Conduct.HINTS_FIRST)

    received = read(raw(serving))

    assert re.match(rb"HTTP/1.1 103 Early Hints\r\n.*\r\n\r\nHTTP/1.[01] 200 ", received, re.DOTALL)


def test_a_client_that_hangs_up_answers_nothing(serving, lab):
    lab.sides["before"].inbox.behave("himal-travel", Conduct.HANGS_UP)

    assert read(raw(serving)) == b""


@pytest.mark.parametrize(("error", "is_said"), [(BrokenPipeError, False), (ZeroDivisionError, True)])
def test_only_a_mistake_leaves_a_trace_on_the_terminal(serving, capsys, error, is_said):
    try:
        raise error
    except error:
        serving.receiver.handle_error(None, ("127.0.0.1", 1))

    assert (error.__name__ in capsys.readouterr().err) is is_said


def test_a_client_that_hangs_lets_go_when_the_demo_ends(serving, lab):
    lab.sides["before"].inbox.behave("himal-travel", Conduct.HANGS)
    connection = raw(serving)
    lab.sides["before"].inbox.wait_for_more_than(0, 10)
    connection.settimeout(0.3)
    with pytest.raises(TimeoutError):
        connection.recv(1)

    serving.receiver.ending.set()

    connection.settimeout(10)
    assert read(connection) == b""


def test_a_body_without_limit_is_refused(serving):
    answer = requests.post(
        f"{serving.url}/before/hooks/himal-travel", data=b"", headers={"Content-Length": str(2**30)}, timeout=10
    )  # fmt: skip

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("of_signature", "refusal"),
    [
        (timedelta(hours=1), ""),
        (timedelta(hours=1, minutes=-6), "Message timestamp too old"),
        (timedelta(hours=1, minutes=6), "Message timestamp too new"),
        (timedelta(), "Message timestamp too old"),
    ],
)
def test_a_signature_is_checked_on_the_clock_of_the_senders(of_signature, refusal):
    inbox = trusting(lambda: timedelta(hours=1))

    inbox.receive("kiosco-sol", signed("evt_1", at=datetime.now(UTC) + of_signature), b"{}")

    assert inbox.of("kiosco-sol")[0].refusal == refusal


def test_a_wrong_secret_is_noticed_on_a_moved_clock_too():
    inbox = trusting(lambda: timedelta(hours=1))
    inbox.trust("kiosco-sol", "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=")

    inbox.receive("kiosco-sol", signed("evt_1", at=datetime.now(UTC) + timedelta(hours=1)), b"{}")

    assert inbox.of("kiosco-sol")[0].refusal == "No matching signature found"


# The guard


def ask(serving, path, method="GET", token=None, **more):
    query = f"?token={serving.pages.token if token is None else token}"
    return requests.request(method, f"{serving.url}{path}{query}", timeout=10, **more)


def test_the_page_has_a_policy_that_allows_only_its_own_files(serving):
    answer = ask(serving, "/lab")

    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    for name in re.findall(r'(?:src|href)="(/lab/[^"]+)"', answer.text):
        assert ask(serving, name, token="").status_code == 200


@pytest.mark.parametrize("path", ["/lab", "/lab/stream", "/lab/recording.html"])
@pytest.mark.parametrize("token", ["", "guess", "ä"])
def test_a_wrong_token_is_refused(serving, path, token):
    answer = ask(serving, path, token=token)

    assert answer.status_code == 403
    assert "The token is wrong" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/lab", "/lab/stream", "/lab/recording.html"])
def test_another_site_is_refused_even_with_the_token(serving, path, headers):
    assert ask(serving, path, headers=headers).status_code == 403


def act(serving, body=b'{"do": "move", "seconds": 60}', path="/lab/do", **headers):
    own = {"Origin": serving.url, "Content-Type": "application/json"} | headers
    return ask(serving, path, "POST", data=body, headers={name: value for name, value in own.items() if value})


def test_an_action_of_the_page_is_done(serving, lab):
    assert act(serving).status_code == 200
    assert lab.clock.ahead == timedelta(seconds=60)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"Origin": ""}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"body": b"{"}, 400),
        ({"body": b"[" * 100_000}, 400),
        ({"body": b'{"do": "move", "seconds": 0}'}, 422),
        ({"body": b"", "Content-Length": str(2**30)}, 413),
        ({"path": "/lab/undo"}, 404),
    ],
)
def test_any_other_action_is_refused_with_a_reason(serving, lab, more, status):
    answer = act(serving, **more)

    assert answer.status_code == status
    assert answer.text.strip()
    assert lab.clock.ahead == timedelta()


def test_the_stream_begins_with_all_records_and_goes_on(serving, lab):
    with ask(serving, "/lab/stream", stream=True) as answer:
        lines = answer.iter_lines(1)
        assert json.loads(next(line for line in lines if line.startswith(b"data: "))[6:])["kind"] == "start"
        act(serving)

        assert any(b'"kind": "clock"' in line for line in lines)


def test_a_stream_continues_after_the_last_record_that_the_browser_has(serving, lab):
    newest = lab.log.after(0, 0)[-1].number
    lab.log.add("clock", key="clock", ahead=60)

    with ask(serving, "/lab/stream", stream=True, headers={"Last-Event-ID": str(newest)}) as answer:
        assert next(answer.iter_lines(1)) == f"id: {newest + 1}".encode()


def test_only_so_many_streams_are_open(serving, monkeypatch):
    monkeypatch.setattr(web, "MOST_STREAMS", 1)

    with ask(serving, "/lab/stream", stream=True) as first:
        next(first.iter_lines(1))
        second = ask(serving, "/lab/stream")

    assert second.status_code == 503
    assert "1 pages are open" in second.text


def test_every_thread_ends_with_the_demo(lab):
    before = set(threading.enumerate())
    with served(lab) as running:
        lab.sides["before"].inbox.behave("himal-travel", Conduct.HANGS)
        stream = ask(running, "/lab/stream", stream=True)
        hanging = raw(running)
        lab.sides["before"].inbox.wait_for_more_than(0, 10)
        assert len(set(threading.enumerate()) - before) >= 4  # the receiver, the stream, the hanging client, the watch

    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert set(threading.enumerate()) - before == set()
    stream.close()
    hanging.close()


# Recordings


def test_a_recording_holds_every_record_and_no_text_becomes_markup(lab):
    hostile = b'{"type": "</script><!--<script>alert(1)</script>"}'
    lab.posted(lab.new_event(), hostile, {"before": Said(422, {}, b"<b>"), "after": Said(422, {}, b"<b>")})

    page = recording(lab.log)

    data = re.search(r'<script type="application/json" id="recording">(.*?)</script>', page, re.DOTALL)[1]
    assert [each["n"] for each in json.loads(data)] == [record.number for record in lab.log.after(0, 0)]
    assert json.loads(data)[-1]["posted"] == hostile.decode()
    assert "<" not in data
    assert not re.search(r'(?:src|href)="(?!data:)', page)


def test_the_policy_of_a_recording_names_its_own_script_and_style(lab):
    page = recording(lab.log)

    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1]
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    for part in (script, style):
        assert base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy


def test_a_recording_has_no_secret(lab, serving):
    lab.secrets["before", "ops-channel"] = SECRET
    lab.log.add("secret", key="secret", slug="ops-channel", overlap=60, learned=True)

    page = recording(lab.log)

    assert not {SECRET, "whk_1", serving.pages.token} & set(re.findall(r"[\w=+/-]+", page))
    assert as_bytes({"a": "ä"}) == '{"a": "ä"}'.encode()
