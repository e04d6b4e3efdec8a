import pytest

from tests.builders import NOW, an_event
from webhooks.application.preview_event import CannotRender, Preview
from webhooks.domain.client import ClientStatus
from webhooks.domain.event import example_event
from webhooks.domain.formats.format import Platform


@pytest.mark.parametrize(
    "format_name, options",
    [("std_json", {"mask": ["customer.name"]}), ("csv", {"timezone": "Asia/Tokyo"}), ("xml_bank", {})],
)
def test_a_preview_is_exactly_what_would_be_delivered(world, format_name, options):
    client = world.client(format_name=format_name, format_options=options)

    preview = world.preview_event(client, an_event())

    world.accept(an_event())
    assert (preview.content_type, preview.body) == (world.row.content_type, world.row.body)
    assert preview.skip_reason is None


def test_a_preview_has_a_fresh_id_of_its_own(world):
    client = world.client(format_name="cloudevents")
    world.platform = Platform(source="https://pay.example")

    first, second = (world.preview_event(client, example_event(NOW)) for _ in range(2))

    assert first.event_id.startswith("evt_") and first.event_id != second.event_id
    assert f'"id":"{first.event_id}","source":"https://pay.example"'.encode() in first.body


def test_a_preview_stores_nothing_and_sends_nothing(world):
    client = world.client(event_types=[], status=ClientStatus.DISABLED)
    before = world.client_row(client)

    world.preview_event(client, an_event())

    assert world.event_rows == world.rows == []
    assert world.client_row(client) == before
    assert (world.sender.sent, world.doorbell.heard) == ([], 0)


def test_a_preview_says_why_an_event_is_skipped(world):
    client = world.client(format_name="slack_blocks")

    preview = world.preview_event(client, an_event())

    assert preview == Preview(preview.event_id, content_type="", body=b"", skip_reason="below_threshold")


@pytest.mark.parametrize("columns", [{"format_name": "yaml"}, {"format_name": "csv", "format_version": 9}])
def test_an_event_that_cannot_be_rendered_is_refused(world, log_lines, columns):
    client = world.client("acme", **columns)

    with pytest.raises(CannotRender):
        world.preview_event(client, an_event())

    (line,) = log_lines()
    assert (line["event"], line["client"]) == ("render_failed", "acme")
    assert "exception" in line
