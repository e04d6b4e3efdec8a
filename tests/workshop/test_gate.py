"""The jobs of `.ci/run` on each day: the plan, the change that it is based on, and its time limit."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_road import learners_git

import workshop.__main__ as commands
from workshop import ROOT
from workshop.base.names import RUNGS, STEPS
from workshop.harness import testing
from workshop.harness.testing import Outcome, Run
from workshop.maintaining import suites
from workshop.maintaining.gate import changes, jobs, run
from workshop.maintaining.gate.plan import ROOM, TURNS, Due, Job, Plan, Reason, Waiting, plan, turn_on, turns_of
from workshop.maintaining.gate.run import DayPlan

SOME_DAY = date(2026, 11, 30)
EVEN_QUESTIONS = "questions of steps 00, 02, 04, 06, 08, 10"
PIN_IT_FIRST = {"exercises 02, 06, 10", "questions of all exercises"}
YEAR = [SOME_DAY + timedelta(days=ahead) for ahead in range(365)]


@pytest.fixture(scope="module")
def further():
    return jobs.further_jobs()


def names_due(chosen, *reasons):
    return {due.job.name for due in chosen.due if not reasons or due.reason in reasons}


def job(name, seconds=10, **more):
    return Job(name, seconds, lambda: [Run(name, [])], **more)


# The rotation


def test_every_job_runs_within_any_days_in_a_row_as_many_as_there_are_turns(further):
    due = [names_due(plan(further, day, changed=())) for day in YEAR]

    for first in range(len(YEAR) - TURNS + 1):
        assert set().union(*due[first : first + TURNS]) == {job.name for job in further}
    assert TURNS <= 7


def test_a_gate_that_runs_on_mondays_only_gets_to_every_job_too(further):
    mondays = [SOME_DAY + timedelta(days=7 * week) for week in range(TURNS)]

    assert set().union(*(names_due(plan(further, day, ())) for day in mondays)) == {job.name for job in further}


def test_the_turns_take_about_the_same_time(further):
    turns = turns_of(further)

    took = [sum(job.seconds for job in further if turns.get(job.name) == turn) for turn in range(TURNS)]

    assert max(took) - min(took) <= max(job.seconds for job in further)


def test_both_ends_run_on_both_engines_on_every_day(further):
    with_sqlite = {job.name for job in jobs.jobs_of_test() if job.always}

    assert {"before", "after"} < with_sqlite
    for day in YEAR:
        assert names_due(plan(further, day, ()), Reason.ALWAYS) == {
            *("before, PostgreSQL", "after, PostgreSQL"),
            "an answer to a request, whole",
        }


def test_a_stage_whose_patches_changed_runs_on_every_day_and_its_neighbours_wait_for_their_turn(further):
    patch = "steps/06-decide-without-doing/0002-Anything.patch"

    for day in YEAR[: 2 * TURNS]:
        assert names_due(plan(further, day, [patch]), Reason.TOUCHED) == {"step-06", EVEN_QUESTIONS}


@pytest.mark.parametrize(
    "path, touched",
    [
        ("before/webhooks/models.py", {"equivalence", "the ends' figures", EVEN_QUESTIONS}),
        ("steps/05-free-the-api/README.md", {"the commands of steps 00 to 05", "workshop, site"}),
        ("steps/06-decide-without-doing/tries/spread.py", {"the commands of steps 06 to 10", EVEN_QUESTIONS}),
        ("steps/10-close-the-walls/0001-Close.patch", {"the ends' figures", EVEN_QUESTIONS}),
        ("steps/04-extract-services/questions.toml", {EVEN_QUESTIONS, "workshop, site"}),
        ("exercises/02-pin-it-first/questions.toml", {*PIN_IT_FIRST, "workshop, site"}),
        ("tests/soak/soak.py", {"workshop, soak"}),
        ("tests/workshop/test_walls.py", {"workshop, walls"}),
        ("signs/django_signs/effects.py", {"workshop, signs"}),
        ("tests/signs/test_found.py", {"workshop, signs"}),
        ("docs/signs.md", {"workshop, signs", "workshop, site"}),
        ("solutions/02-pin-it-first/tests/test_refunds.py", {"exercises 02, 06, 10"}),
        ("tests/mutants/ack-code-unread.patch", {"mutants, share 1 of 4"}),
        ("tests/fire/test_races.py", {"before, PostgreSQL, under fire", "after, under fire"}),
        ("docs/patterns/outbox.md", {"the patterns' commands", "workshop, site"}),
        ("docs/running.md", {"workshop, site"}),
        ("workshop/maintaining/site/road_page/road.js", {"workshop, site"}),
        ("workshop/maintaining/frame/files/page.js", {"workshop, site"}),
        ("workshop/maintaining/twins/calls.py", {"workshop, site"}),
        ("steps/recordings/step-05.json", {"step-05", "workshop, site"}),
        ("tests/site/test_moves.py", {"workshop, site"}),
        ("workshop/base/clean.py", set()),
    ],
)
def test_a_change_touches_the_jobs_that_depend_on_it(further, path, touched):
    assert {job.name for job in further if job.is_touched([path])} == touched


def test_what_waits_is_named_with_the_next_day_of_its_turn(further):
    chosen = plan(further, SOME_DAY, ())

    assert names_due(chosen).isdisjoint(waiting.job.name for waiting in chosen.waiting)
    assert len(chosen.due) + len(chosen.waiting) == len(further)
    for waiting in chosen.waiting:
        assert SOME_DAY < waiting.until <= SOME_DAY + timedelta(days=TURNS)
        assert waiting.job.name in names_due(plan(further, waiting.until, ()), Reason.TURN)


def test_without_history_the_turn_comes_first_and_then_all_that_a_change_can_touch():
    known = [job("a", touched_by=("a/*",)), job("b", touched_by=("b/*",)), job("c"), job("d"), job("e", always=True)]

    chosen = plan(known, SOME_DAY, changed=None)

    mine = {name for name, turn in turns_of(known).items() if turn == turn_on(SOME_DAY)}
    assert names_due(chosen, Reason.TURN) == mine
    assert names_due(chosen) == {"a", "b", "e"} | mine
    assert [due.reason for due in chosen.due] == sorted((due.reason for due in chosen.due), key=list(Reason).index)


def test_a_plan_runs_first_what_always_runs_then_what_is_touched_then_the_turn():
    known = [job("turn"), job("touched", touched_by=("x",)), job("always", always=True)]
    day = next(day for day in YEAR if turn_on(day) == turns_of(known)["turn"])

    assert [due.job.name for due in plan(known, day, ["x"]).due] == ["always", "touched", "turn"]


# A change that touches everything


def test_a_change_that_touches_everything_takes_no_more_than_the_room_and_all_of_it_within_the_turns(further):
    everything = ["before/x", "requirements.txt", *(str(path.relative_to(ROOT)) for path in ROOT.glob("*/*/*"))]
    everything += [f"{job.touched_by[0].replace('*', 'x')}" for job in further if job.touched_by]

    days = [plan(further, day, everything) for day in YEAR[:TURNS]]

    assert all(day.seconds <= ROOM for day in days)
    assert set().union(*map(names_due, days)) == {job.name for job in further}


def test_a_touched_job_with_a_near_turn_waits_for_it():
    known = [job(name, touched_by=("x",)) for name in "abcde"]
    today, *later = sorted(known, key=lambda job: (turns_of(known)[job.name] - turn_on(SOME_DAY)) % TURNS)

    chosen = plan(known, SOME_DAY, ["x"], room=30)

    assert names_due(chosen) == {job.name for job in (today, *later[-2:])}
    assert [str(waiting) for waiting in sorted(chosen.waiting, key=lambda waiting: waiting.until)] == [
        f"{later[0].name} (touched, Tue 01 Dec)",
        f"{later[1].name} (touched, Wed 02 Dec)",
    ]


# All jobs are in it


def test_the_jobs_hold_every_stage_engine_exercise_tool_and_mutant(further):
    names = {job.name for job in further}

    assert {f"step-{number:02}" for number in range(1, len(STEPS))} <= names
    assert {f"step-{number:02}, PostgreSQL" for number in RUNGS if number < len(STEPS)} <= names
    assert {f"workshop, {tool}" for tool in suites.LATER} <= names
    assert {f"{end}{on}, under fire" for end in ("before", "after") for on in ("", ", PostgreSQL")} <= names
    assert {f"{end}, fuzzing" for end in ("before", "after")} <= names
    assert {f"{end}, Python {version}" for end in ("before", "after") for version in suites.other_pythons()} <= names
    shares = [suites.mutants_of_a_share(share, jobs.MUTANT_SHARES) for share in range(jobs.MUTANT_SHARES)]
    assert sorted(patch for share in shares for patch in share) == sorted((ROOT / "tests" / "mutants").glob("*.patch"))
    named = " ".join(name for name in names if name.startswith("exercises"))
    assert all(folder.name[:2] in named for folder in (ROOT / "exercises").iterdir())


def test_no_two_jobs_have_one_name(further):
    assert len({job.name for job in further}) == len(further)


@pytest.fixture
def given(monkeypatch):
    """The jobs that a command would have run, by name."""
    given = []
    monkeypatch.setattr(jobs, "runs_of", lambda chosen: (given.extend(job.name for job in chosen), ([], []))[1])
    monkeypatch.setattr(jobs, "commits_of_a_change", lambda: ([], []))
    monkeypatch.setattr(testing, "run_all", lambda runs, skipped: True)
    return given


def test_test_all_runs_every_job(given, further):
    CliRunner().invoke(commands.cli, ["test-all"])

    beyond = [*further, *jobs.jobs_by_hand()]
    assert given == [job.name for job in [*jobs.jobs_of_test(), *beyond]]


def test_test_runs_its_own_jobs_and_the_rest_of_test_all_is_what_the_gate_chooses_from(given, further):
    CliRunner().invoke(commands.cli, ["test"])
    assert given == ["before", "after", "workshop"]

    given.clear()
    CliRunner().invoke(commands.cli, ["test-all", "--beyond-test"])
    assert given == [job.name for job in [*further, *jobs.jobs_by_hand()]]


# The last day's work


@pytest.fixture
def repository(tmp_path):
    learners_git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def commit(root, when, *files):
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(when)
    learners_git(root, "add", "--all")
    dated = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    learners_git(root, "commit", "-q", "--allow-empty", "-m", f"At {when}", **dated)


def test_a_change_is_all_since_the_newest_commit_a_day_older_than_the_last(repository):
    commit(repository, "2026-11-26T12:00:00Z", "old.py", "removed.py")
    commit(repository, "2026-11-27T08:00:00Z", "before.py")
    (repository / "removed.py").unlink()
    commit(repository, "2026-11-27T20:00:00Z", "in the morning.py")
    commit(repository, "2026-11-28T10:00:00Z", "last.py")
    (repository / "not committed.py").write_text("")

    change = changes.of_the_last_day(repository)

    assert change.paths == {"in the morning.py", "last.py", "removed.py", "not committed.py"}
    assert change.revision == learners_git(repository, "rev-parse", "HEAD~2")
    assert "2026-11-27 08:00 UTC" in change.described


def test_a_merge_counts_with_the_day_of_the_merge(repository):
    commit(repository, "2026-11-20T12:00:00Z", "old.py")
    learners_git(repository, "switch", "-q", "-c", "side")
    commit(repository, "2026-11-21T12:00:00Z", "of the side.py")
    learners_git(repository, "switch", "-q", "main")
    commit(repository, "2026-11-25T12:00:00Z", "main.py")
    when = {"GIT_AUTHOR_DATE": "2026-11-28T12:00:00Z", "GIT_COMMITTER_DATE": "2026-11-28T12:00:00Z"}
    learners_git(repository, "merge", "-q", "--no-ff", "-m", "Merge", "side", **when)

    assert changes.of_the_last_day(repository).paths == {"of the side.py"}


def test_in_a_history_younger_than_a_day_everything_has_changed(repository):
    commit(repository, "2026-11-28T08:00:00Z", "first.py")
    commit(repository, "2026-11-28T10:00:00Z", "second.py")

    assert changes.of_the_last_day(repository).paths == {"first.py", "second.py"}


def test_a_clone_without_history_cannot_tell(repository, tmp_path_factory):
    commit(repository, "2026-11-20T12:00:00Z", "old.py")
    commit(repository, "2026-11-28T10:00:00Z", "new.py")
    shallow = tmp_path_factory.mktemp("shallow")
    learners_git(shallow, "clone", "-q", "--depth", "1", f"file://{repository}", "copy")

    assert changes.of_the_last_day(shallow / "copy") is None
    assert changes.of_the_last_day(shallow) is None


# A run


class Clock:
    """Time that passes only while a job runs."""

    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


def carried_out(clock, due, limit, *, takes=None, red=(), waiting=()):
    """The titles of what ran, and whether the gate was green."""
    ran = []

    def execute(one):
        ran.append(one.title)
        clock.seconds += (takes or {}).get(one.title, 10)
        return Outcome(one.title, 1, int(one.title in red), 0, 1.0, int(one.title in red))

    today = DayPlan(Plan(SOME_DAY, due, waiting), None)
    green = run.run(today, limit, execute, clock.now)
    return ran, green


def test_a_job_of_the_turn_that_would_end_too_late_is_left_out_and_named(clock, capsys):
    due = [
        Due(job("always", always=True), Reason.ALWAYS),
        Due(job("long", 50), Reason.TURN),
        Due(job("short"), Reason.TURN),
    ]

    ran, green = carried_out(clock, due, limit=30, waiting=[Waiting(job("later"), date(2026, 12, 1))])

    said = capsys.readouterr().out.splitlines()
    assert (ran, green) == (["always", "short"], True)
    assert "not this time: long (no time left), later (Tue 01 Dec)" in said
    assert said[-1] == "2 passed, 0 failed, 0 skipped"


def test_what_always_runs_is_never_left_out_and_what_a_change_touches_is_named(clock, capsys):
    due = [Due(job("always", always=True), Reason.ALWAYS), Due(job("touched"), Reason.TOUCHED)]

    ran, _ = carried_out(clock, due, limit=0)

    assert ran == ["always"]
    assert "not this time: touched (touched, no time left)" in capsys.readouterr().out.splitlines()


def test_on_a_slow_machine_a_job_is_expected_to_take_longer_than_it_says(clock):
    due = [Due(job("always", 10, always=True), Reason.ALWAYS), Due(job("turn", 10), Reason.TURN)]

    at_three_times_the_time, _ = carried_out(clock, due, limit=50, takes={"always": 30})
    clock.seconds = 0
    at_the_usual_time, _ = carried_out(clock, due, limit=50, takes={"always": 10})

    assert at_three_times_the_time == ["always"]
    assert at_the_usual_time == ["always", "turn"]


def test_what_this_machine_cannot_run_is_named_and_takes_no_time(clock, capsys):
    due = [Due(job("elsewhere", why_not=lambda: "no PostgreSQL"), Reason.TURN), Due(job("here"), Reason.TURN)]

    ran, green = carried_out(clock, due, limit=100)

    assert (ran, green) == (["here"], True)
    assert "Not run: elsewhere: no PostgreSQL" in capsys.readouterr().out


def test_a_red_job_makes_the_gate_red_and_the_others_run_all_the_same(clock):
    due = [Due(job("a"), Reason.TURN), Due(job("b"), Reason.TURN)]

    assert carried_out(clock, due, limit=100, red=("a",)) == (["a", "b"], False)


def test_the_plan_can_be_printed_for_any_day_and_runs_nothing(monkeypatch):
    monkeypatch.setattr(testing, "execute", lambda run: pytest.fail(f"ran {run.title}"))

    said = CliRunner().invoke(commands.cli, ["dev", "gate", "--plan", "--day", "2026-12-24"])

    assert said.exit_code == 0, said.output
    assert said.output.startswith(f"2026-12-24, turn {turn_on(date(2026, 12, 24)) + 1} of {TURNS}. Compared with ")
    assert "before, PostgreSQL: always" in said.output
    assert "not this time: " in said.output


def test_ci_keeps_the_time_from_its_beginning_and_leaves_the_choice_to_the_gate():
    script = (Path(ROOT) / ".ci" / "run").read_text()

    assert "GATE_BEGAN=$began timeout" in script
    assert "./ws dev gate" in script
    assert "test-all" not in script
