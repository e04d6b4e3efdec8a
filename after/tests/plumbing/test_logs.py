import logging

from plumbing.logs import get_logger


def test_a_line_is_json_with_its_event_and_ids(log_lines):
    get_logger("webhooks.models").info("attempt", delivery_id="dlv_1", host="acme.example")

    (line,) = log_lines()
    assert (line["event"], line["delivery_id"], line["host"]) == ("attempt", "dlv_1", "acme.example")
    assert (line["level"], line["logger"]) == ("info", "webhooks.models")
    assert line["timestamp"].endswith("Z")


def test_a_failure_is_its_type_and_place_and_not_its_message(log_lines):
    try:
        raise ValueError("Zoë Müller, DE89370400440532013000")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: %s", "/v1/events")

    (line,) = log_lines()
    assert line["exception"] == "ValueError"
    assert line["trace"][0].startswith("test_logs.py:")
    assert "DE8937" not in str(line)


def test_the_standard_librarys_records_become_the_same_lines(log_lines):
    logging.getLogger("somewhere").warning("%d rows", 3)

    (line,) = log_lines()
    assert (line["event"], line["level"], line["logger"]) == ("3 rows", "warning", "somewhere")


def test_a_line_keeps_its_text_readable_and_on_one_line(log_lines):
    get_logger("here").info("started", name="Zoë\nMüller")

    (line,) = log_lines()
    assert line["name"] == "Zoë\nMüller"


def test_urllib3_which_logs_whole_urls_is_silent(log_lines):
    logging.getLogger("urllib3.connectionpool").error("https://acme.example/hooks?token=secret")

    assert log_lines() == []
