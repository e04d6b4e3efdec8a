"""Exact bytes for clients: every case as a preview, and some of every format as a real delivery."""

import re

import pytest
from cases import CASES, Case

FORMATS = sorted({case.format for case in CASES})
# Bodies that a connection or a database could damage: an ordinary event, line ends, scripts, fifteen digits.
DELIVERED = [case for case in CASES if case.name in ("failed", "line-ends", "scripts", "unidad")]


def assert_golden(case: Case, event_id: str, body: bytes) -> None:
    """Fails with the case's reason and the first difference between the two bodies."""
    golden = case.body(event_id)
    if body == golden:
        return
    pairs = enumerate(zip(golden, body, strict=False))
    shorter = min(len(golden), len(body))
    at = next((index for index, (expected, came) in pairs if expected != came), shorter)
    pytest.fail(
        f"{case}: {case.why}\n"
        f"The bodies part at byte {at}: {len(golden)} bytes expected, {len(body)} came.\n"
        f"  after    {golden[max(0, at - 40) : at]!r}\n"
        f"  expected {golden[at : at + 40]!r}\n"
        f"  came     {body[at : at + 40]!r}",
        pytrace=False,
    )


@pytest.mark.parametrize("case", [case for case in CASES if not case.skipped], ids=str)
def test_a_preview_is_the_golden_body(case: Case, create_client):
    client = create_client(format=case.format, options=case.options)

    preview = client.api.post(f"{client.url}/preview", case.event)

    assert preview.status == 200, preview.body
    assert preview.content_type == case.content_type, case.why
    event_id = preview.headers["webhook-id"]
    assert re.fullmatch("evt_[0-9A-HJKMNP-TV-Z]{26}", event_id)
    assert_golden(case, event_id, preview.body)


@pytest.mark.parametrize("case", [case for case in CASES if case.skipped], ids=str)
def test_a_skipped_event_previews_as_its_reason(case: Case, create_client):
    client = create_client(format=case.format, options=case.options)

    preview = client.api.post(f"{client.url}/preview", case.event)

    assert preview.status == 204, f"{case.why}\n{preview.body!r}"
    assert preview.headers["webhook-skipped"] == case.skipped
    assert preview.body == b""


@pytest.mark.parametrize("case", DELIVERED, ids=str)
def test_a_delivery_is_the_golden_body(case: Case, api, create_client, deliver):
    client = create_client(format=case.format, options=case.options)
    accepted = api.post("/v1/events", case.event, headers={"Idempotency-Key": str(case)})
    assert accepted.status == 202, accepted.body

    deliver()

    (request,) = client.inbox.requests
    assert request.headers["content-type"] == case.content_type
    assert request.headers["webhook-id"] == accepted.json()["id"]
    assert_golden(case, accepted.json()["id"], request.body)


def test_every_format_has_cases_that_are_delivered():
    assert sorted({case.format for case in DELIVERED}) == FORMATS
