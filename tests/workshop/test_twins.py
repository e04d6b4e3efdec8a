"""One event recorded call by call: the recordings, what is made of them, and `./ws trace`."""

import json
import re
import shutil
from functools import cache

import pytest
from click.testing import CliRunner

from workshop import ROOT
from workshop.__main__ import cli
from workshop.base.names import STAGES
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage, stage
from workshop.commands import tracing
from workshop.harness.inside import twins
from workshop.harness.inside.tracer import shortened
from workshop.maintaining import twins as package
from workshop.maintaining.twins import calls, recordings, showing, tour
from workshop.maintaining.twins.calls import Row, Sources, every, layer_of, merged
from workshop.walk.yours import Chosen

DELIVERED = "delivered-form_legacy@1"
PLAYED = (DELIVERED, "delivered-csv@1", "failed")
TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def played():
    """Some scenarios, played now at both ends: the tour's, a failure, and a client with masks, which are a set."""
    return {name: recordings.made(stage(name), *PLAYED) for name in ("before", "after")}


@pytest.fixture(scope="module")
def kept():
    return {name: recordings.kept(name) for name in STAGES}


@pytest.fixture(scope="module")
def stops():
    return tour.stops()


@cache
def sources(name):
    return Sources(stage(name).folder)


def rows(kept, name, scenario=DELIVERED):
    return [row for _, found in kept[name][scenario]["acts"] for row in calls.rows_of(found, sources(name))]


def call(name, *inner, file="webhooks/views.py", **more):
    return Row(name, file, 1, "V", inner=list(inner), **more)


def sql(text):
    return Row(text, "webhooks/views.py", 1)


def names(found):
    return [(row.name, row.times) for row in found]


def test_two_recordings_are_equal_byte_for_byte(played):
    again = recordings.made(stage("before"), *PLAYED)

    assert recordings.packed(again) == recordings.packed(played["before"])


@pytest.mark.parametrize("name", ["before", "after"])
def test_what_is_kept_is_what_the_stage_does_now(name, played, kept):
    assert played[name] == {scenario: kept[name][scenario] for scenario in played[name]}


def test_a_recording_is_the_same_after_it_was_written_and_read(played):
    written = recordings.packed(played["after"])

    assert recordings.unpacked(json.loads(written)) == played["after"]


def test_a_call_more_is_another_recording_and_a_comment_more_is_not(tmp_path, played):
    changed = Stage("before", shutil.copytree(ROOT / "before", tmp_path / "before"))
    views = changed.folder / "webhooks" / "views.py"
    views.write_text(views.read_text().replace("\ndef accepted(", "\n# How many there are.\ndef accepted("))
    commented = recordings.made(changed, DELIVERED)
    text = views.read_text()
    views.write_text(text.replace("    written = event.written", "    event.amount_text\n    written = event.written"))
    called = recordings.made(changed, DELIVERED)

    assert commented[DELIVERED] == played["before"][DELIVERED]
    assert called[DELIVERED] != played["before"][DELIVERED]


def test_every_call_and_statement_of_every_stage_has_its_line():
    assert [str(problem) for problem in recordings.recordings_fit()] == []


def test_a_function_that_is_gone_and_a_line_outside_are_found():
    before = sources("before")
    gone = ["webhooks/views.py", "unaccepted", "", []]
    outside = ["webhooks/views.py", "accepted", "", [["SELECT 1", 400]]]

    assert list(calls.no_such_place([gone], before)) == ["webhooks/views.py has no function unaccepted"]
    assert list(calls.no_such_place([outside], before)) == [
        "the line of a statement is outside of its function: SELECT 1"
    ]


def test_a_stage_without_a_recording_says_how_to_make_one(tmp_path):
    with pytest.raises(CommandFailed, match=r"\./ws dev record step-03"):
        recordings.kept("step-03", tmp_path)


def test_the_event_and_the_body_are_those_of_the_tour(kept):
    posted = json.loads(re.search(r"```json\n(.*?)```", TOUR, re.DOTALL)[1])
    body = re.search(r"<!-- body -->\n```\n(.*?)\n```", TOUR, re.DOTALL)[1]

    assert posted == twins.EVENT
    assert [sent[1] for sent in kept["before"][DELIVERED]["sent"]] == [body]


def test_every_stage_sends_the_same_bodies_in_every_scenario(kept):
    for scenario in twins.SCENARIOS:
        sent = {name: kept[name][scenario]["sent"] for name in STAGES}

        assert len({json.dumps(one) for one in sent.values()}) == 1, scenario
        assert scenario in ("accepted", "same-key-again") or sent["before"], scenario


def test_there_is_a_scenario_for_each_format_and_each_ends_as_its_title_says(kept):
    ends = {scenario: kept["after"][scenario]["ended"] for scenario in twins.SCENARIOS}

    assert sum(name.startswith("delivered-") for name in ends) == 8
    assert all(end == "delivered, 1 attempt" for name, end in ends.items() if name.startswith("delivered-"))
    assert ends["failed"] == "pending, 1 attempt"
    assert ends["retried"] == "delivered, 2 attempts"
    assert ends["accepted"] == ends["same-key-again"] == "pending, 0 attempts"


@pytest.mark.parametrize("name", STAGES)
def test_each_transaction_that_begins_ends(name, kept):
    for scenario in twins.SCENARIOS:
        bounds = [row.name for row in every(rows(kept, name, scenario)) if row.name in calls.FRAME]

        assert bounds[::2] == ["BEGIN"] * (len(bounds) // 2), scenario
        assert all(end in ("COMMIT", "ROLLBACK") for end in bounds[1::2]), scenario


def test_a_signal_writes_the_deliveries_until_the_services_are_extracted(kept):
    def by_signal(name):
        return [row.name for row in every(rows(kept, name)) if row.by_signal]

    assert [by_signal(name) for name in STAGES[:4]] == [["fan_out"]] * 4
    assert [by_signal(name) for name in STAGES[4:]] == [[]] * 8


def test_rendering_is_pure_after_and_not_before(kept):
    before = {row.name: row for row in every(rows(kept, "before"))}
    after = {row.name: row for row in every(rows(kept, "after"))}

    assert not before["form_legacy"].is_pure
    assert after["prepared"].is_pure and all(row.is_pure for row in every([after["prepared"]]))
    assert not any(row.is_statement for row in every([after["prepared"]]))


def test_a_call_that_reads_the_clock_or_asks_the_database_is_never_pure(kept):
    found = list(every(rows(kept, "after")))

    assert not any(row.is_pure for row in found if row.name in ("SystemClock.now", "SystemRandomness.event_id"))
    assert not any(row.is_pure and row.asks for row in found)


def test_what_a_thread_does_is_under_the_call_that_handed_it_in(kept):
    (start,) = [row for row in every(rows(kept, "after")) if row.name == "Worker._start" and row.inner]

    assert [(row.name, row.in_thread) for row in start.inner] == [("Worker._send", True)]


def test_the_price_and_the_gain_grow_from_before_to_after(kept):
    found = {name: calls.figures(rows(kept, name), sources(name)) for name in ("before", "after")}

    assert found["before"]["sql"] == found["after"]["sql"] > 0
    assert all(found["before"][key] < found["after"][key] for key in ("calls", "files", "pure", "pure.lines"))


def test_every_stop_of_the_tour_is_in_its_scenarios_at_every_stage(kept, stops):
    for name in STAGES:
        found = set()
        for scenario in (DELIVERED, "failed"):
            shown = rows(kept, name, scenario)
            tour.attach(shown, name, stops)
            found |= {stop for row in every(shown) for stop in row.stops}

        assert found == set(range(1, 13)), name


@pytest.mark.parametrize("name", ["before", "step-05", "after"])
def test_a_page_has_some_sixty_rows_and_hides_no_stop(name, kept, stops):
    for scenario in twins.SCENARIOS:
        shown = showing.view(kept[name][scenario], sources(name), name, stops)
        together = [row for _, found in shown.acts for row in found]
        seen = [row for _, row in calls.visible(together)]

        assert len(seen) <= 75
        assert {stop for row in seen for stop in row.stops} == {stop for row in every(together) for stop in row.stops}
        assert all(row.layer != "P" for row in every(together))


def test_code_that_does_not_run_is_no_recording(tmp_path):
    broken = Stage("walk/ at step-03", tmp_path)

    with pytest.raises(
        CommandFailed, match=r"(?s)^The recording failed in walk/ at step-03:\n.*No module named 'config'"
    ):
        recordings.made(broken, "accepted")


def test_a_price_and_a_gain_of_one_are_in_the_singular():
    figures = dict.fromkeys(("calls", "files", "sql", "pure", "pure.lines"), 1)

    assert list(showing.price_and_gain(figures)) == [
        "Price: 1 call in 1 file, 1 SQL statement.",
        "Gain: 1 call decides without a database, in 1 line.",
    ]


def test_a_loop_is_one_row():
    found = merged([call("one"), call("two"), call("one"), call("two")])

    assert names(found) == [("one", 2), ("two", 2)]


def test_no_call_moves_past_a_statement():
    found = merged([call("one"), sql("SELECT 1"), call("one")])

    assert names(found) == [("one", 1), ("SELECT 1", 1), ("one", 1)]


def test_a_call_that_asks_the_database_does_not_move_past_another_call():
    found = merged([call("claim", sql("SELECT 1")), call("send"), call("claim", sql("SELECT 1"))])

    assert names(found) == [("claim", 1), ("send", 1), ("claim", 1)]


def test_a_call_that_calls_itself_is_one_row():
    found = merged([call("nulls", call("nulls", call("nulls")), call("nulls"), call("other"))])

    assert names(found) == [("nulls", 4)]
    assert names(found[0].inner) == [("other", 1)]


@pytest.mark.parametrize(
    "file, letter",
    [
        ("webhooks/views.py", "V"),
        ("webhooks/adapters/api/views.py", "V"),
        ("webhooks/adapters/api/serializers.py", "S"),
        ("webhooks/adapters/orm/models.py", "M"),
        ("webhooks/adapters/orm/deliveries.py", "A"),
        ("webhooks/signals.py", "G"),
        ("webhooks/application/accept_event.py", "U"),
        ("webhooks/domain/formats/csv.py", "D"),
        ("webhooks/payloads.py", "H"),
        ("plumbing/ids.py", "P"),
    ],
)
def test_a_files_path_names_its_layer(file, letter):
    assert layer_of(file) == letter


def test_a_statement_reads_without_its_columns():
    columns = ", ".join(f'"webhooks_event"."column_{number}"' for number in range(20))

    assert shortened(f'SELECT {columns} FROM "webhooks_event" WHERE "webhooks_event"."id" = %s') == (
        "SELECT … FROM webhooks_event WHERE id = %s"
    )
    assert shortened('INSERT INTO "clients_client" ("a", "b") VALUES (%s, %s), (%s, %s)') == (
        "INSERT INTO clients_client: 2 columns, 2 rows"
    )


def test_a_statement_reads_alike_on_every_release_of_django():
    assert shortened('UPDATE "t" SET "a" = NULL WHERE "b" IS NULL') == shortened(
        'UPDATE "t" SET "a" = %s WHERE "b" IS NULL'
    )


def test_trace_lists_the_scenarios():
    said = CliRunner().invoke(cli, ["trace"]).output

    assert all(f"  {name} " in said for name in twins.SCENARIOS)


def test_trace_prints_a_line_for_each_row_without_colour_in_a_pipe():
    said = CliRunner().invoke(cli, ["trace", "before", "accepted"]).output

    assert "\x1b" not in said
    assert re.search(r"^G │ +fan_out +webhooks/signals.py:\d+  nobody calls it: a signal does", said, re.MULTILINE)
    assert re.search(r"^  ┌ +BEGIN +webhooks/views.py:\d+$", said, re.MULTILINE)
    assert re.search(r"^Price: \d+ calls in \d+ files, 5 SQL statements\.$", said, re.MULTILINE)
    assert re.search(r"\nTo see a line in the browser: ./ws open before [\w/]+\.py:\d+\n$", said)


def test_trace_of_walk_shows_the_learners_own_calls(tmp_path, monkeypatch):
    mine = Stage("walk/ at before, with your changes", shutil.copytree(ROOT / "before", tmp_path / "walk"))
    views = mine.folder / "webhooks" / "views.py"
    own = "def counted(event):\n    return event.written_deliveries\n\n\n"
    text = views.read_text().replace("def accepted(", own + "def accepted(")
    views.write_text(text.replace("    written = event.written_deliveries", "    written = counted(event)"))
    monkeypatch.setattr(tracing.yours, "choose", lambda name: Chosen(mine, f"Testing {name}/ as it is now."))

    said = CliRunner().invoke(cli, ["trace", "walk", "accepted"]).output

    assert said.startswith("Tracing walk/ as it is now.\n")
    assert re.search(r"^V │ +counted +webhooks/views.py:48$", said, re.MULTILINE)


def test_trace_of_code_that_does_not_run_says_why(tmp_path, monkeypatch):
    mine = Stage("walk/ at before", shutil.copytree(ROOT / "before", tmp_path / "walk"))
    (mine.folder / "webhooks" / "views.py").write_text("def accepted(:\n")
    monkeypatch.setattr(tracing.yours, "choose", lambda name: Chosen(mine, "Testing walk/ as it is now."))

    done = CliRunner().invoke(cli, ["trace", "walk", "accepted"])

    assert isinstance(done.exception, CommandFailed)
    assert "SyntaxError" in str(done.exception)


def data_of(folder, name):
    script = (folder / "twins" / "data" / f"{name}.js").read_text(encoding="utf-8")
    return json.loads(script.removeprefix(f'Data.got("{name}",').removesuffix(")\n"))


def test_the_page_has_the_data_of_a_stage_as_a_script_without_markup(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "all_stages", lambda root: [stage("before")])

    package.pages(tmp_path)

    data, codes = data_of(tmp_path, "before"), data_of(tmp_path, "codes")
    assert set(data["scenarios"]) == set(twins.SCENARIOS)
    for name, file, line, _, code in data["functions"]:
        text = (ROOT / "before" / file).read_text(encoding="utf-8").splitlines()[line - 1].strip()
        assert text.startswith("def ") and text in codes[code], name
    assert "innerHTML" not in (tmp_path / "twins" / "twins.js").read_text(encoding="utf-8")


def test_the_page_has_the_data_of_the_last_step_and_of_after_once(tmp_path, monkeypatch):
    monkeypatch.setattr(package, "all_stages", lambda root: [stage("step-10"), stage("after")])

    package.pages(tmp_path)

    stages = data_of(tmp_path, "index")["stages"]
    assert [(name, file) for name, _, _, file in stages] == [("step-10", "step-10"), ("after", "step-10")]
    assert sorted(file.stem for file in (tmp_path / "twins" / "data").iterdir()) == ["codes", "index", "step-10"]


def test_trace_refuses_a_scenario_that_is_not_there():
    done = CliRunner().invoke(cli, ["trace", "before", "rejected"])

    assert isinstance(done.exception, CommandFailed)
    assert "no scenario 'rejected'. The scenarios are: accepted, same-key-again" in str(done.exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["before"], "Name a scenario: ./ws trace before accepted. The scenarios are: accepted, same-key-again"),
        (["99"], "There is no stage '99'. The stages are: before, step-01"),
        (["99", "accepted"], "There is no stage '99'"),
        (["accepted"], "Name a stage before it: ./ws trace before accepted."),
    ],
)
def test_trace_says_what_is_missing_or_wrong(words, said):
    done = CliRunner().invoke(cli, ["trace", *words])

    assert isinstance(done.exception, CommandFailed)
    assert said in str(done.exception)
