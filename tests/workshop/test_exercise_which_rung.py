"""The reasons that exercise 7 takes and refuses: a reason is free in its words, and must be one."""

from pathlib import Path

import pytest

from workshop.exercises import catalogue, jobs
from workshop.exercises.findings import Finding, Project

EXERCISE = catalogue.find("which-rung")


@pytest.fixture
def judged(tmp_path: Path):
    """The findings about one reason, in the solution's answers."""

    def judge(app: str, because: str, encoding: str = "utf-8", newline: str = "\n") -> list[Finding]:
        lines = (EXERCISE.solution / "answers.toml").read_text(encoding="utf-8").splitlines()
        at = next(number for number in range(lines.index(f"[{app}]"), len(lines)) if lines[number][:7] == "because")
        lines[at] = f'because = "{because}"'
        (tmp_path / "answers.toml").write_bytes(newline.join(lines).encode(encoding))
        checks = jobs.load(EXERCISE.folder, jobs.ARCHITECTURE)
        project = Project(tmp_path, EXERCISE.start)
        return [*checks.reasons_name_what_changes(project), *checks.size_is_no_reason(project)]

    return judge


@pytest.mark.parametrize(
    ("app", "because"),
    [
        ("stock", "Nothing pulls: a sort order here, a red number there."),
        ("stock", "Each wish of the warehouse ends in one view or one admin class."),
        ("stock", "Five small wishes about one table, and no other part of the shop hears of them."),
        ("statements", "The next bank comes as an entry, and nobody opens the parser of another one."),
        ("statements", "If a layout is replaced, the readers of the others are not touched."),
        ("statements", "Formats keep coming. I want to add one without reading the three that are there."),
        (
            "disputes",
            "How long a merchant has is computed twice today; it should be asked in one place, with any date.",
        ),
        ("disputes", "Deadlines move, and a simulation over old cases must not need rows or a clock."),
        ("disputes", "The cron job and the helpdesk have to come to the same verdict."),
        ("disputes", "Same deadline for button and cron; replay without a database."),
        ("disputes", "Uploads move to another storage, and the suite runs without either."),
    ],
)
def test_a_reason_in_other_words_is_a_reason(judged, app, because):
    assert judged(app, because) == []


@pytest.mark.parametrize(
    ("app", "because"),
    [
        ("stock", "Export the list as CSV for the accountants."),
        ("stock", "export the list as csv for the accountants, and show items below their minimum in red"),
        ("stock", "each item changes one place and affects no other"),
        ("statements", "It is cleaner."),
        ("statements", "The code becomes more flexible and easier to maintain."),
        ("statements", "Because registries are best practice for providers."),
        ("statements", "the next case is like the earlier cases"),
        ("disputes", "We always do it like this."),
        ("disputes", "On the last day, the night job and the button decide differently, #377, as we know."),
        ("statements", "My boss likes registries."),
        ("disputes", "It has 30 lines already and will be bigger."),
        ("disputes", "Hexagonal architecture keeps the domain clean."),
        ("disputes", "Support takes a merchant's answer by phone, and it must count like the button."),
    ],
)
def test_a_copy_a_slogan_and_a_size_are_none(judged, app, because):
    assert {finding.place for finding in judged(app, because)} <= {f"answers.toml:{line}" for line in (13, 19, 25)}
    assert judged(app, because)


@pytest.mark.parametrize(("encoding", "newline"), [("utf-8-sig", "\n"), ("utf-8", "\r\n"), ("utf-8-sig", "\r\n")])
def test_a_file_that_an_editor_has_marked_is_read(judged, encoding, newline):
    assert judged("stock", "A column here, a colour there.", encoding, newline) == []


def test_answers_that_are_not_there_are_not_green():
    project = Project(EXERCISE.start, EXERCISE.start)
    for check, function in jobs.checkers(EXERCISE.folder).items():
        found = list(function(project))

        assert len(found) == 3, f"{check} is green on an empty file, or does not name each app"
        assert "cannot be judged yet" in found[0].found
