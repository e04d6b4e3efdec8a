"""The prover of questions: a claim that is true gives no problem, a claim that is not says what is."""

import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from workshop import ROOT
from workshop.ask.questions import Choice, Kind, Proof, Question, topics
from workshop.base.problems import CommandFailed
from workshop.base.toml import Table
from workshop.commands import ask as commands
from workshop.maintaining.questions import form, page
from workshop.maintaining.questions.places import Place
from workshop.maintaining.questions.prove import KINDS, claim, problems

SEND = "webhooks/application/accept_event.py"
CSV = "webhooks/domain/formats/csv.py"
STEP = "steps/04-extract-services"
RENAMED = {"file": CSV, "find": 'name="csv"', "put": 'name="table"'}
BROKEN_PIN = {"file": "payments/refunds.py", "find": "if payment.kind != Payment.PAYMENT:", "put": "if False:"}


def proof(by, **values):
    return Proof(by, Table(values, ROOT / STEP / "questions.toml", "questions[1].right.proofs[1]."))


def said(by, **values):
    """What is not as the proof claims."""
    return list(claim(proof(by, **values)).problems())


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"changed": ["webhooks/views.py"], "unchanged": ["webhooks/serializers.py"]}, []),
        ({"changed": ["webhooks/serializers.py"]}, ["webhooks/serializers.py is not changed"]),
        ({"unchanged": ["webhooks/views.py"]}, ["webhooks/views.py is changed"]),
        ({"unchanged": ["webhooks/view.py"]}, ["webhooks/view.py is not there, so it says nothing"]),
        ({"commit": 2, "changed": ["webhooks/management/commands/prune.py"]}, []),
        ({"commit": 1, "changed": ["webhooks/management/commands/prune.py"]}, ["is not changed"]),
    ],
)
def test_the_files_of_a_step_and_of_a_commit(values, found):
    [*problems] = said("files", step="step-04", **values)

    assert len(problems) == len(found)
    assert all(what in problem for what, problem in zip(found, problems, strict=True))


def test_a_moved_file_is_changed_under_its_old_name():
    assert said("files", step="step-10", changed=["webhooks/views.py", "webhooks/adapters/api/views.py"]) == []


def test_the_files_of_a_patch():
    patch = "steps/05-free-the-api/tries/rename-at-step-05.patch"

    assert said("files", stage="step-05", patches=[patch], changed=["webhooks/admin.py"]) == []
    assert said("files", stage="step-05", patches=[patch], unchanged=["webhooks/admin.py"]) == [
        "webhooks/admin.py is changed"
    ]


def test_a_figure():
    assert said("figure", stage="before", figure="contracts", **{"is": 0}) == []
    assert said("figure", stage="step-01", figure="contracts", **{"is": 3}) == ["contracts of step-01 is 4, not 3"]
    assert said("figure", stage="step-01", figure="length", **{"is": 3}) == [
        "steps/figures.json has no length of step-01"
    ]


def test_a_recording_has_statements_and_calls():
    played = {"stage": "step-04", "scenario": "accepted"}

    assert said("recording", **played, statements=5, calls=[f"{SEND}:accept_event"]) == []
    assert said("recording", **played, statements=6) == ["accepted at step-04 sends 5 statements, not 6"]
    assert said("recording", **played, calls=[f"{SEND}:refuse"]) == [
        f"{SEND}:refuse does not run in accepted at step-04"
    ]
    assert said("recording", **played, calls_not=[f"{SEND}:_fan_out"]) == [
        f"{SEND}:_fan_out runs in accepted at step-04"
    ]
    assert "has no scenario" in said("recording", stage="step-04", scenario="lost", statements=1)[0]


def test_a_text_of_a_stage_or_an_exercise():
    assert said("text", stage="step-04", file=SEND, has=["def accept_event"], lacks=["request."]) == []
    assert said("text", stage="step-04", file=SEND, has=["request."]) == [f"{SEND} lacks 'request.'"]
    assert said("text", exercise="04", file="payments/fees.py", lacks=["nordpay"]) == ["payments/fees.py has 'nordpay'"]
    assert said("text", stage="step-04", file="webhooks/signals.py", absent=True) == []
    assert said("text", stage="step-04", file=SEND, absent=True) == [f"{SEND} is there"]
    assert said("text", stage="step-04", file="nowhere.py", has=["x"]) == ["nowhere.py is not there"]


def test_lines_of_python_in_a_changed_stage():
    code = "from webhooks.domain.formats.registry import all_formats; print([f.name for f in all_formats()][-1:])"

    assert said("prints", stage="step-03", edits=[RENAMED], code=code, prints="['xml_bank']") == []
    assert said("prints", stage="step-03", edits=[RENAMED], code=code, prints="[]") == [
        "the code printed \"['xml_bank']\", not '[]'"
    ]
    with pytest.raises(CommandFailed, match="the code failed"):
        said("prints", stage="step-03", code="1 / 0", prints="1")


def test_tests_that_must_fail_and_no_other():
    run = {"exercise": "02", "edits": [BROKEN_PIN], "run": ["tests/test_refunds.py"]}

    assert said("tests", **run, fails=["test_what_is_refused"]) == []
    assert said("tests", **run, fails=[]) == ["test_what_is_refused failed, and no proof expects it"]
    assert said("tests", **run, fails=["test_what_is_refused", "test_refund"]) == ["test_refund did not fail"]


def test_tests_that_are_red_without_the_change_prove_nothing(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "exercises" / "02-pin-it-first" / "start", tmp_path / "start")
    (tmp_path / "start" / "tests" / "test_red.py").write_text("def test_red():\n    assert False\n")
    monkeypatch.setattr(Place, "original", tmp_path / "start")

    found = said("tests", exercise="02", edits=[BROKEN_PIN], run=["tests/test_red.py"], fails=["test_red"])

    assert found == ["test_red failed without the change, so the proof says nothing"]


def test_tests_that_cannot_run_are_no_proof():
    with pytest.raises(CommandFailed, match="the tests could not run"):
        said("tests", exercise="02", edits=[BROKEN_PIN], run=["tests/test_nowhere.py"], fails=[])


def test_import_contracts_that_break():
    contract = "The domain knows no framework and no client library, directly or through anything else"
    edit = {"file": CSV, "find": "import re\n", "put": "import re\nfrom django.conf import settings\n"}

    assert said("walls", stage="step-03", edits=[edit], broken=[contract]) == []
    assert said("walls", stage="step-03", edits=[edit], broken=[]) == [f"the contract {contract!r} is broken"]
    assert said("walls", stage="step-03", edits=[edit], broken=[contract, "None"]) == ["there is no contract 'None'"]


@pytest.mark.parametrize(
    ("by", "values", "what"),
    [
        ("magic", {}, f"'magic' is not one of {', '.join(KINDS)}"),
        ("figure", {"stage": "before", "figure": "signs"}, "is: is missing; it is a whole number from zero on"),
        ("figure", {"stage": "before", "figure": "signs", "is": -1}, "is: must be a whole number from zero on"),
        ("figure", {"stage": "before", "figure": "signs", "is": 1, "was": 2}, "was: is not a known key"),
        ("files", {"step": "step-04"}, "name a file that is `changed`"),
        ("files", {"step": "4", "changed": ["a"]}, "step: '4' is no step; write step-04"),
        ("files", {"step": "step-04", "commit": 0, "changed": ["a"]}, "commit: must be a whole number above zero"),
        ("files", {"step": "step-04", "changed": "a"}, "changed: must be a list ([] if it is empty), and is 'a'"),
        ("files", {"stage": "step-04", "changed": ["a"]}, "or name a `step`"),
        ("recording", {"stage": "step-04", "scenario": "accepted"}, "name the number of statements"),
        ("text", {"stage": "step-04", "exercise": "04", "file": "a", "has": ["b"]}, "and not both"),
        ("text", {"stage": "step-04", "file": SEND}, "name texts that the unchanged file"),
        ("text", {"stage": "step-04", "file": SEND, "has": [""]}, "name texts that the unchanged file"),
        (
            "tests",
            {"stage": "step-04", "run": ["tests"], "edits": [RENAMED]},
            "fails: is missing; it is a list ([] if it is empty)",
        ),
        ("tests", {"stage": "step-04", "run": ["tests"], "fails": []}, "a change to the place"),
        ("walls", {"stage": "step-04"}, "broken: is missing; it is a list ([] if"),
        (
            "walls",
            {"stage": "step-04", "patches": ["none.patch"], "broken": []},
            "patches[1]: must be the path of a file",
        ),
        (
            "walls",
            {"stage": "step-04", "edits": [{"file": "a"}], "broken": []},
            "edits[1].put: is missing; it is a text",
        ),
        ("walls", {"stage": "step-04", "edits": ["a"], "broken": []}, "edits[1]: must be a table, and is 'a'"),
        (
            "walls",
            {"stage": "step-04", "edits": [RENAMED | {"at": 3}], "broken": []},
            "edits[1].at: is not a known key",
        ),
        ("prints", {"stage": "step-04", "prints": "1"}, "or name a `script`"),
        ("prints", {"stage": "step-04", "prints": "1", "script": "none.py"}, "script: must be the path of a file"),
    ],
)
def test_a_proof_that_is_not_whole_is_refused_with_its_place(by, values, what):
    with pytest.raises(CommandFailed) as failed:
        claim(proof(by, **values))

    assert what in str(failed.value)
    assert str(failed.value).startswith("04-extract-services/questions.toml: questions[1].right.proofs[1].")


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        ({"file": "nowhere.py", "find": "a", "put": "b"}, "nowhere.py is not there"),
        ({"file": CSV, "put": "b"}, f"{CSV} is already there"),
        ({"file": CSV, "find": "not in it", "put": "b"}, "0 times; an edit needs it once"),
    ],
)
def test_an_edit_that_does_not_fit_is_reported_and_not_a_crash(edit, what):
    wrong = Choice("No", "It is not.", (proof("walls", stage="step-03", edits=[edit], broken=[]),))
    question = replace(asked("Yes", "Perhaps", "No"), wrong=(wrong, Choice("Perhaps", "It is not.")))

    [problem] = problems(question)

    assert problem.startswith("one: “No” is not proved wrong, by walls: ")
    assert what in problem


def asked(right, *wrong):
    """A question with these choices. Its right answer is proved."""
    proofs = (proof("figure", stage="before", figure="contracts", **{"is": 0}),)
    return Question(
        "one", Kind.WHY, "Why?", Choice(right, "Yes.", proofs), tuple(Choice(each, "No.") for each in wrong)
    )


def test_a_right_choice_that_is_always_the_longest_is_reported():
    found = list(form.guessable([asked("longest", "long", "short")] * 3))

    assert "the right choice is the longest in 3 of 3 questions; at most half" in found


def test_a_right_choice_that_always_has_the_same_letter_is_reported():
    found = list(form.guessable([asked("same", "size", "here")] * 2))

    assert "the right choice has the letter b in 2 of 2 questions; at most half" in found


def test_a_right_choice_of_another_length_is_reported():
    assert list(form._of_one(asked("a much longer choice than all", "short", "small")))
    assert not list(form._of_one(asked("short", "small", "large")))


def test_one_question_is_proved_by_its_id_and_a_failure_ends_with_one(monkeypatch):
    monkeypatch.setattr(commands.setup, "make", lambda **groups: None)

    done = CliRunner().invoke(commands.prove, ["one-statement-more"])
    assert done.exit_code == 0
    assert "04-extract-services, one-statement-more: ok" in done.output
    assert "6 proofs, 0 problems" in done.output

    topic = next(topic for topic in topics() if topic.folder.name == "04-extract-services")
    false = proof("figure", stage="before", figure="signs", **{"is": 7})
    right = asked("4", "5", "6")
    question = replace(right, right=replace(right.right, proofs=(false,)))
    monkeypatch.setattr(commands, "topics", lambda: [replace(topic, questions=(question,))])
    done = CliRunner().invoke(commands.prove, [])
    assert done.exit_code == 1
    assert "“4” is not proved right, by figure: signs of before is 2, not 7" in done.output


def test_a_name_of_no_question_is_refused(monkeypatch):
    monkeypatch.setattr(commands.setup, "make", lambda **groups: None)

    done = CliRunner().invoke(commands.prove, ["no-such-question"])

    assert isinstance(done.exception, CommandFailed)
    assert "No question is of 'no-such-question'" in str(done.exception)


class Page(HTMLParser):
    """The ids of a page, and its buttons and reasons by question."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.buttons, self.reasons = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids += [given["id"]] if "id" in given else []
        if tag == "button" and "data-letter" in given:
            self.buttons.append(("data-right" in given, given["data-letter"]))
        if tag == "dd" and "data-letter" in given:
            self.reasons.append(given["data-letter"])


def test_the_page_has_every_question_with_a_button_and_a_reason_for_each_choice(tmp_path):
    page.write(tmp_path)

    text = (tmp_path / "questions" / "index.html").read_text()
    shown, questions = Page(text), [question for topic in topics() for question in topic.questions]
    assert len(shown.ids) == len(set(shown.ids))
    assert sum(is_right for is_right, _ in shown.buttons) == len(questions)
    assert len(shown.buttons) == len(shown.reasons) == sum(len(question.choices) for question in questions)
    assert {f"step-{number:02}" for number in range(11)} <= set(shown.ids)
    assert {f"exercise-{number:02}" for number in range(1, 13)} <= set(shown.ids)
    assert sum(file.stat().st_size for file in (tmp_path / "questions").iterdir()) < 100_000


def test_the_page_keeps_code_and_escapes_it(tmp_path):
    text = "A `<b>` here.\n\n    if a < b:\n        pass\n\nAnd `x`?"

    assert list(page._blocks(text)) == [
        "<p>A <code>&lt;b&gt;</code> here.</p>",
        "<pre>if a &lt; b:\n    pass</pre>",
        "<p>And <code>x</code>?</p>",
    ]
