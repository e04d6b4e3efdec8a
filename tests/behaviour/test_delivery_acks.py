"""Acknowledgements: the status, and in some formats the body of the answer."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from history import delivery_of, errors_by_name

from harness.receiver import Answer

NEVER_SKIPS = {"threshold": {"USD": "0"}}
BY_STATUS = ["std_json@1", "flat_camel@1", "flat_camel@2", "cloudevents@1", "csv@1"]
BY_BODY = {"form_legacy": b"[accepted]", "slack_blocks": b"ok", "xml_bank": b'<Ack code="0"/>'}


def format_member(name: str) -> dict[str, Any]:
    return {"name": name, "version": 1, "options": NEVER_SKIPS if name == "slack_blocks" else {}}


@pytest.fixture
def errors(api, create_client, accepted, deliver) -> Callable[..., dict[Any, str | None]]:
    """Delivers an event to one client of the format for each of these answers. Returns the errors by answer."""

    def send(format: str | dict, answers: dict[Any, Answer]) -> dict[Any, str | None]:
        clients = {name: create_client(format=format) for name in answers}
        for name, answer in answers.items():
            clients[name].inbox.answer(answer)
        accepted()
        deliver()
        return errors_by_name(api, clients)

    return send


@pytest.fixture
def errors_of_bodies(errors) -> Callable[[str, list[bytes]], dict[bytes, str | None]]:
    """The same for answers of 200 with these bodies."""

    def send(name: str, bodies: list[bytes]) -> dict[bytes, str | None]:
        return errors(format_member(name), {body: Answer(200, body) for body in bodies})

    return send


@pytest.mark.parametrize("format", BY_STATUS)
def test_a_2xx_is_enough_with_any_body(errors, format):
    answers = {
        "nothing": Answer(204),
        "an empty body": Answer(200),
        "a refusal in words": Answer(200, b'{"error": "no"}'),
        "no text": Answer(202, b"\xff\x00\xfe"),
    }

    assert errors(format, answers) == dict.fromkeys(answers)


@pytest.mark.parametrize(("name", "ack"), BY_BODY.items())
def test_an_ack_counts_with_any_2xx_and_no_other_status(errors, name, ack):
    answers = {status: Answer(status, ack) for status in (200, 201, 202, 299, 302, 404, 500)}

    assert errors(format_member(name), answers) == {
        **dict.fromkeys((200, 201, 202, 299)),
        302: "redirect",
        404: "bad_status",
        500: "bad_status",
    }


@pytest.mark.parametrize(("name", "ack"), BY_BODY.items())
def test_white_space_around_an_ack_is_ignored(errors_of_bodies, name, ack):
    bodies = [ack + b"\n", b" " + ack, b"\r\n\t " + ack + b"\t\r\n \n", ack + b" " * 60_000]

    assert errors_of_bodies(name, bodies) == dict.fromkeys(bodies)


@pytest.mark.parametrize(("name", "ack"), BY_BODY.items())
def test_a_byte_order_mark_before_an_ack_is_ignored(errors_of_bodies, name, ack):
    mark = "\ufeff".encode()
    bodies = [mark + ack, mark + b"\r\n" + ack + b"\n", b"\n " + mark + ack]

    assert errors_of_bodies(name, bodies) == dict.fromkeys(bodies)


@pytest.mark.parametrize(("name", "ack"), BY_BODY.items())
def test_a_byte_order_mark_anywhere_else_is_no_white_space(errors_of_bodies, name, ack):
    mark = "\ufeff".encode()
    bodies = [mark, ack + mark, ack[:1] + mark + ack[1:]]

    assert errors_of_bodies(name, bodies) == dict.fromkeys(bodies, "not_acknowledged")


def test_an_ack_has_at_most_1_kib_within_its_white_space(errors_of_bodies):
    def padded(size):
        ack = b'<Ack code="0">%s</Ack>'
        return ack % (b"." * (size - len(ack) + 2))

    fits = [padded(1024), b"\n" * 2000 + padded(1024) + b" " * 60_000]
    too_long = [padded(1025), padded(60_000), b'<Ack code="0"/><!--' + b"." * 1020 + b"-->"]

    ended = errors_of_bodies("xml_bank", [*fits, *too_long])

    assert ended == dict.fromkeys(fits) | dict.fromkeys(too_long, "not_acknowledged")


@pytest.mark.parametrize(("name", "ack"), BY_BODY.items())
def test_the_content_type_of_an_ack_does_not_matter(errors, name, ack):
    content_types = ["text/plain", "application/json", "application/xml; charset=utf-16", "nonsense"]
    answers = {kind: Answer(200, ack, {"Content-Type": kind}) for kind in content_types}

    assert errors(format_member(name), answers) == dict.fromkeys(answers)


@pytest.mark.parametrize("name", BY_BODY)
def test_no_body_is_no_ack(errors, name):
    answers = {"empty": Answer(200), "blank": Answer(200, b" \r\n"), "no content": Answer(204)}

    assert errors(format_member(name), answers) == dict.fromkeys(answers, "not_acknowledged")


def test_form_legacy_takes_its_one_word_only(errors_of_bodies):
    bodies = [
        b"accepted",
        b"[Accepted]",
        b"[ACCEPTED]",
        b"[ accepted ]",
        b"[accepted",
        b"[accepted].",
        b"[accepted] thanks",
        b"not [accepted]",
        b"[accepted][accepted]",
        b'"[accepted]"',
        b'["accepted"]',
        b"<p>[accepted]</p>",
        b"[accepted]\0",
        b"[accepted]\xff",
        "[accepted]".encode("utf-16"),
        b"ok",
    ]

    assert errors_of_bodies("form_legacy", bodies) == dict.fromkeys(bodies, "not_acknowledged")


def test_slack_blocks_takes_its_one_word_only(errors_of_bodies):
    bodies = [
        b"OK",
        b"Ok",
        b"okay",
        b"o k",
        b"ok ok",
        b"ok.",
        b"not ok",
        b'"ok"',
        b'{"ok":true}',
        b"no_text",
        b"invalid_payload",
        b"ok\0",
        b"[accepted]",
    ]

    assert errors_of_bodies("slack_blocks", bodies) == dict.fromkeys(bodies, "not_acknowledged")


def test_xml_bank_takes_every_spelling_of_its_root(errors_of_bodies):
    bodies = [
        b"<Ack code='0'/>",
        b'<Ack code="0"></Ack>',
        b'<Ack\n  code = "0"\n></Ack >',
        b'<Ack code="&#48;"/>',
        b'<Ack code="0" id="7" text="fine"/>',
        b'<Ack code="0">received</Ack>',
        b'<Ack code="0"><Text xmlns="urn:bank">fine</Text></Ack>',
        b'<Ack code="0"><Ack code="1"/></Ack>',
        b'<Ack xmlns:b="urn:bank" code="0" b:code="1"/>',
        b'<?xml version="1.0"?><Ack code="0"/>',
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<Ack code="0"/>\r\n',
        b'\n <?xml version="1.0" encoding="UTF-8"?><Ack code="0"/>',
        b'<?xml version="1.0" encoding="ISO-8859-1"?><Ack code="0">\xfc</Ack>',
        b'<!-- bank --><?bank 7?><Ack code="0"/><!-- end -->',
    ]

    assert errors_of_bodies("xml_bank", bodies) == dict.fromkeys(bodies)


def test_xml_bank_takes_no_other_root(errors_of_bodies):
    bodies = [
        b'<Ack code="1"/>',
        b'<Ack code="00"/>',
        b'<Ack code=" 0 "/>',
        b'<Ack code=""/>',
        b"<Ack/>",
        b"<Ack>0</Ack>",
        b'<Ack Code="0"/>',
        b"<Ack><code>0</code></Ack>",
        b'<ack code="0"/>',
        b'<ACK code="0"/>',
        b'<Nack code="0"/>',
        b'<Ack.1 code="0"/>',
        b'<Payment code="0"/>',
        b'<Envelope><Ack code="0"/></Envelope>',
    ]

    assert errors_of_bodies("xml_bank", bodies) == dict.fromkeys(bodies, "not_acknowledged")


def test_xml_banks_ack_has_no_namespace(errors_of_bodies):
    bodies = [
        b'<Ack xmlns="urn:bank" code="0"/>',
        b'<b:Ack xmlns:b="urn:bank" code="0"/>',
        b'<b:Ack code="0"/>',
        b'<Ack xmlns:b="urn:bank" b:code="0"/>',
    ]

    assert errors_of_bodies("xml_bank", bodies) == dict.fromkeys(bodies, "not_acknowledged")


def test_what_is_no_xml_is_no_ack(errors_of_bodies):
    bodies = [
        b"ok",
        b"[accepted]",
        b'{"Ack": {"code": "0"}}',
        b'<Ack code="0">',
        b'<Ack code="0"',
        b"<Ack code=0/>",
        b'<Ack code="0" code="0"/>',
        b'<Ack code="0"/><Ack code="0"/>',
        b'<Ack code="0"/> thanks',
        b'thanks <Ack code="0"/>',
        b'<Ack code="0">&nbsp;</Ack>',
        b'<Ack code="0">\0</Ack>',
        b'<Ack code="0">\x01</Ack>',
        b'<Ack code="0">\xff</Ack>',
        b'<?xml version="1.0" encoding="UTF-8"?><Ack code="0">\xfc</Ack>',
        b'<?xml version="1.0" encoding="no-such-encoding"?><Ack code="0"/>',
        b'<?xml version="1.0" encoding="UTF-16"?><Ack code="0"/>',
        b'<!-- once --><?xml version="1.0"?><Ack code="0"/>',
    ]

    assert errors_of_bodies("xml_bank", bodies) == dict.fromkeys(bodies, "not_acknowledged")


def test_a_document_type_definition_is_not_read(errors, receiver):
    elsewhere = receiver.url("/elsewhere")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    documents = {
        "billion laughs": f'<!DOCTYPE Ack [<!ENTITY l0 "ha">{laughs}]><Ack code="0">&l9;</Ack>',
        "quadratic blow-up": f'<!DOCTYPE Ack [<!ENTITY a "{"a" * 30_000}">]><Ack code="0">{"&a;" * 9_000}</Ack>',
        "an endless entity": '<!DOCTYPE Ack [<!ENTITY a "&a;">]><Ack code="0">&a;</Ack>',
        "an entity for the code": '<!DOCTYPE Ack [<!ENTITY zero "0">]><Ack code="&zero;"/>',
        "a default for the code": '<!DOCTYPE Ack [<!ATTLIST Ack code CDATA "0">]><Ack/>',
        "a file": '<!DOCTYPE Ack [<!ENTITY f SYSTEM "file:///etc/hostname">]><Ack code="0">&f;</Ack>',
        "a URL": f'<!DOCTYPE Ack [<!ENTITY u SYSTEM "{elsewhere}">]><Ack code="0">&u;</Ack>',
        "a parameter entity": f'<!DOCTYPE Ack [<!ENTITY % p SYSTEM "{elsewhere}"> %p;]><Ack code="0"/>',
        "a definition elsewhere": f'<!DOCTYPE Ack SYSTEM "{elsewhere}"><Ack code="0"/>',
    }
    answers = {name: Answer(200, document.encode()) for name, document in documents.items()}

    started = time.monotonic()
    ended = errors("xml_bank", answers)

    assert ended == dict.fromkeys(answers, "not_acknowledged")
    assert len(receiver.inbox("/elsewhere")) == 0
    assert time.monotonic() - started < 10


def test_deep_nesting_ends_no_worker(errors):
    depth = 9_000
    answers = {
        "closed": Answer(200, b'<Ack code="0">' + b"<a>" * depth + b"</a>" * depth + b"</Ack>"),
        "open": Answer(200, b'<Ack code="0">' + b"<a>" * depth),
        "in another root": Answer(200, b"<a>" * depth + b'<Ack code="0"/>' + b"</a>" * depth),
        "an ack beside them": Answer(200, b'<Ack code="0"/>'),
    }

    ended = errors("xml_bank", answers)

    # The first can be read, or cannot: that is the parser's choice.
    assert ended.pop("closed") in (None, "not_acknowledged")
    assert ended == {"open": "not_acknowledged", "in another root": "not_acknowledged", "an ack beside them": None}


@pytest.mark.parametrize(
    ("accepted_as", "sent_as", "old_ack", "new_ack"),
    [
        ("form_legacy", "std_json", b"[accepted]", b""),
        ("form_legacy", "xml_bank", b"[accepted]", b'<Ack code="0"/>'),
        ("xml_bank", "slack_blocks", b'<Ack code="0"/>', b"ok"),
        ("slack_blocks", "csv", b"ok", b""),
    ],
)
def test_body_content_type_and_ack_are_those_of_the_acceptance(
    api, create_client, accepted, deliver, clock, accepted_as, sent_as, old_ack, new_ack
):
    client = create_client(format=format_member(accepted_as))
    client.inbox.answer(Answer(200, new_ack), Answer(200, old_ack))
    event = accepted()
    frozen = client.api.get(f"/v1/events/{event}")
    assert api.patch(client.url, {"format": format_member(sent_as)}).status == 200

    deliver()
    after_the_new_ack = delivery_of(api, client)
    clock.move(seconds=7)
    deliver()
    after_the_old_ack = delivery_of(api, client)

    assert after_the_new_ack["attempts"][0]["error"] == "not_acknowledged"
    assert after_the_new_ack["status"] == "pending"
    assert after_the_old_ack["status"] == "delivered"
    assert client.inbox.bodies == [frozen.body] * 2
    assert [request.headers["content-type"] for request in client.inbox] == [frozen.content_type] * 2


def test_a_format_that_asks_for_less_than_the_new_one_still_does(api, create_client, accepted, deliver):
    client = create_client(format="std_json")
    accepted()
    api.patch(client.url, {"format": format_member("form_legacy")})

    deliver()

    assert delivery_of(api, client)["status"] == "delivered"


def test_the_next_event_follows_the_new_format(api, create_client, accepted, deliver):
    client = create_client(format="form_legacy")
    api.patch(client.url, {"format": format_member("slack_blocks")})
    client.inbox.answer(Answer(200, b"ok"))
    accepted()

    deliver()

    assert delivery_of(api, client)["status"] == "delivered"
    assert client.inbox.last.headers["content-type"] == "application/json"


def test_what_is_not_acknowledged_keeps_its_status_and_its_excerpt(api, create_client, accepted, deliver):
    client = create_client(format="form_legacy")
    client.inbox.answer(Answer(202, b"queued"))
    accepted()

    deliver()

    (attempt,) = delivery_of(api, client)["attempts"]
    assert (attempt["error"], attempt["response_status"]) == ("not_acknowledged", 202)
    assert attempt["response_excerpt"] == "queued"
