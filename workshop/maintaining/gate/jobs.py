"""The jobs of `./ws test-all`: those that `.ci/run` always runs, and those that it runs in turns.

The seconds are measured on two quiet cores. A job that takes a minute longer only makes the plan of a day wrong.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from workshop import ROOT
from workshop.ask.questions import FILE, Topic, topics
from workshop.base.names import RUNGS, STEPS, folder_name, number_of
from workshop.base.stages import stage
from workshop.harness import testing
from workshop.harness.testing import Run, Skipped
from workshop.maintaining import fresh_machine, suites
from workshop.maintaining.gate.plan import Job
from workshop.maintaining.questions.prove import stages_of
from workshop.maintaining.road import each_commit
from workshop.maintaining.scorecard.cells import cells
from workshop.walk.requests.catalogue import Request, requests

ENDS = ("before", "after")
BETWEEN = range(1, len(STEPS))  # the last step leads to after/, file by file
MUTANT_SHARES = EXERCISE_SHARES = 4
OF_THE_SITE = ("frame", "handout", "pictures", "questions", "site", "talk", "twins")
SITE = (
    "workshop/maintaining/chromium.py",
    *("workshop/base/addresses.py", "workshop/base/site.py", "steps/recordings/*", "steps/bench.json"),
    *(f"workshop/maintaining/{name}/*" for name in OF_THE_SITE),
)
QUESTIONS = {"step": (2, 20), "exercise": (1, 15)}  # the number of shares, and the seconds of each
# The tests that `make test` leaves out, their seconds, and the files that they test.
TOOLS: dict[str, tuple[int, tuple[str, ...]]] = {
    "bench": (45, ("workshop/maintaining/bench/*",)),
    "compare": (90, ("workshop/maintaining/compare/*",)),
    "kill_rate": (60, ("workshop/maintaining/kill_rate/*",)),
    "lab": (65, ("workshop/demo/*", "workshop/harness/*")),
    "mutants": (20, ("workshop/maintaining/mutants.py",)),
    "offline": (45, ("workshop/maintaining/packages/offline.py",)),
    "rules": (20, ("after/webhooks/domain/*", "after/tests/domain/*", "docs/rules.toml", "docs/after.md")),
    "signs": (40, ("signs/*", "docs/signs.md")),
    "site": (230, ("*.md", "*/questions.toml", *SITE)),
    "soak": (60, ("tests/soak/*",)),
    "walls": (90, ("workshop/maintaining/walls/*",)),
}
# After a change of these tests, both ends and both engines run, in half of the runs.
FIRE_OF_A_CHANGE = {("before", "postgres"), ("after", "sqlite")}


def jobs_of_test() -> list[Job]:
    """The jobs of `make test`."""
    ends = [Job(name, 150, partial(_stage, name), always=True) for name in ENDS if _is_here(name)]
    return [*ends, Job("workshop", 220, suites.tool_runs, always=True)]


def further_jobs() -> list[Job]:
    """The further jobs of `./ws test-all`. `.ci/run` runs them in turns, or when a change touches them."""
    ends = [name for name in ENDS if _is_here(name)]
    between = BETWEEN if any((ROOT / "steps").glob("*/*.patch")) else range(0)
    return [
        *(_on_postgres(name, 175, always=True) for name in ends),
        *(_step(number) for number in between),
        *(_on_postgres(f"step-{number:02}", 175) for number in between if number in RUNGS),
        *([_figures_of_the_ends()] if between else []),
        *(_commands_of_the_pages() if between else []),
        _equivalence(),
        *(_exercises(share) for share in range(EXERCISE_SHARES)),
        *(_questions(word, share) for word, (shares, _) in QUESTIONS.items() for share in range(shares)),
        *(_tool(name) for name in TOOLS),
        *(_request(each) for each in requests() if each.rungs),
        *([_answer_of_the_day()] if cells(requests()) else []),
        *(_fire(name, database) for name in ends for database in ("sqlite", "postgres")),
        *(_fuzzing(name) for name in ends),
        *(_share_of_mutants(share) for share in range(MUTANT_SHARES)),
        *(_on_python(name, version) for version in suites.other_pythons() for name in ends),
    ]


def jobs_by_hand() -> list[Job]:
    """The jobs of `./ws test-all` alone: CI starts on a new machine anyway, and this job needs Debian's archive."""
    return [Job("a fresh machine", 330, lambda: [suites.fresh_run()], why_not=lambda: fresh_machine.why_not())]


def commits_of_a_change(since: str | None = None) -> tuple[list[Run], list[Skipped]]:
    """The shared suite at the commits of the road that a change touches, without the last commit of each step."""
    return each_commit.runs_of_a_change(ROOT, since)


def runs_of(jobs: Sequence[Job]) -> tuple[list[Run], list[Skipped]]:
    """The runs of all these jobs, and the runs that this machine cannot do."""
    runs: list[Run] = []
    skipped: list[Skipped] = []
    for job in jobs:
        if reason := job.why_not():
            skipped.append(Skipped(job.name, reason))
        else:
            runs += job.runs()
    return runs, skipped


def _stage(name: str, database: str = "sqlite") -> list[Run]:
    return testing.stage_runs(stage(name), database)


def _equivalence() -> Job:
    touched_by = ("before/*", "after/*", "tests/equivalence/*")
    few = suites.FEW_HISTORIES
    return Job("equivalence", 120, lambda: [suites.equivalence_run(histories=few)], touched_by=touched_by)


def _on_postgres(name: str, seconds: int, *, always: bool = False) -> Job:
    runs = partial(_stage, name, "postgres")
    return Job(f"{name}, PostgreSQL", seconds, runs, always, why_not=testing.why_no_postgres)


def _step(number: int) -> Job:
    name = f"step-{number:02}"

    def runs() -> list[Run]:
        _, shared = testing.stage_runs(stage(name))
        return [suites.proof_run(name), shared]

    return Job(name, 152, runs, touched_by=(*_patches(number), f"steps/recordings/{name}.json"))


def _figures_of_the_ends() -> Job:
    last = f"step-{len(STEPS):02}"
    recorded = (f"steps/recordings/{name}.json" for name in ENDS)
    touched_by = (*_patches(len(STEPS)), "steps/figures.json", *recorded, *(f"{name}/*" for name in ENDS))
    return Job("the ends' figures", 140, lambda: [suites.proof_run(*ENDS, last, "twelve")], touched_by=touched_by)


def _commands_of_the_pages() -> list[Job]:
    """The commands that the steps' pages show, in two halves, and those of the patterns' pages."""
    pages = sorted(file.parent.name for file in (ROOT / "steps").glob("[0-9]*/README.md"))
    half = (len(pages) + 1) // 2
    jobs = []
    for names in (pages[:half], pages[half:]):
        touched_by = tuple(f"steps/{name}/{kind}" for name in names for kind in ("README.md", "tries/*"))
        title = f"the commands of steps {names[0][:2]} to {names[-1][:2]}"
        jobs.append(Job(title, 90, partial(_commands_run, *names), touched_by=touched_by))
    return [
        *jobs,
        Job("the patterns' commands", 30, partial(_commands_run, "patterns"), touched_by=("docs/patterns/*",)),
    ]


def _commands_run(*folders: str) -> list[Run]:
    return [suites.commands_run(*folders)]


def _exercises(share: int) -> Job:
    names = sorted(file.parent.name for file in (ROOT / "exercises").glob("*/exercise.toml"))[share::EXERCISE_SHARES]
    touched_by = [f"{folder}/{name}/*" for name in names for folder in ("exercises", "solutions")]
    title = f"exercises {', '.join(name[:2] for name in names)}"
    return Job(title, 100, lambda: [suites.lights_run(*names)], touched_by=touched_by)


def _questions(word: str, share: int) -> Job:
    """The proofs of a share of the steps' or of the exercises' questions. `make lint` runs the proofs that only read."""
    shares, seconds = QUESTIONS[word]
    mine = [topic for topic in topics() if topic.word == word][share::shares]
    touched_by = sorted({path for topic in mine for path in _spoken_of(topic)})
    which = ", ".join(topic.folder.name[:2] for topic in mine)
    title = f"questions of {word}s {which}" if shares > 1 else f"questions of all {word}s"
    run = partial(suites.questions_run, title, *(topic.folder.name for topic in mine))
    return Job(title, seconds, lambda: [run()], touched_by=touched_by)


def _spoken_of(topic: Topic) -> list[str]:
    """The files that a topic's questions are about: their own, those next to them, and the stages that proofs name."""
    folder = topic.folder.relative_to(ROOT).as_posix()
    about = f"{folder}/start/*" if topic.word == "exercise" else f"{folder}/tries/*"
    stages = [f"{name}/*" if name in ENDS else _patches(number_of(name))[0] for name in stages_of(topic)]
    return [f"{folder}/{FILE}", about, *stages]


def _tool(name: str) -> Job:
    seconds, tested = TOOLS[name]
    touched_by = (*tested, f"{suites.LATER[name]}*")
    return Job(f"workshop, {name}", seconds, lambda: [suites.fuller_tool_run(name)], touched_by=touched_by)


def _request(each: Request) -> Job:
    """The request's black-box tests at every rung that has an answer."""
    touched_by = (f"steps/requests/{each.name}/*.patch", each.tests.relative_to(ROOT).as_posix())
    title = f"request {each.number}, at its rungs"
    runs = partial(_answers, title, each.name, "black_box")
    return Job(title, 5 * len(each.rungs), runs, touched_by=touched_by)


def _answer_of_the_day() -> Job:
    """One answer, with lint, own tests and the shared suite: each has its day."""

    def runs() -> list[Run]:
        every = cells(requests())
        cell = every[datetime.now(UTC).toordinal() % len(every)]
        return _answers(f"request {cell.request.number} at {cell.rung}, whole", f"{cell.request.name}-{cell.rung}")

    return Job("an answer to a request, whole", 110, runs, always=True)


def _answers(title: str, *names: str) -> list[Run]:
    return [suites.answers_run(title, *names)]


def _fire(name: str, database: str) -> Job:
    is_here = testing.why_no_postgres if database == "postgres" else lambda: None
    touched_by = ("tests/fire/*",) if (name, database) in FIRE_OF_A_CHANGE else ()
    title = f"{name}{', PostgreSQL' if database == 'postgres' else ''}, under fire"
    return Job(title, 140, lambda: [suites.fire_run(stage(name), database)], False, touched_by, is_here)


def _fuzzing(name: str) -> Job:
    return Job(f"{name}, fuzzing", 100, lambda: [suites.fuzz_run(stage(name))], touched_by=("tests/fuzz/*",))


def _share_of_mutants(share: int) -> Job:
    mine = [patch.relative_to(ROOT).as_posix() for patch in suites.mutants_of_a_share(share, MUTANT_SHARES)]
    title = f"mutants, share {share + 1} of {MUTANT_SHARES}"
    return Job(title, 110, lambda: [suites.mutants_run(share, MUTANT_SHARES)], touched_by=mine)


def _on_python(name: str, version: str) -> Job:
    def runs() -> list[Run]:
        return testing.stage_runs(stage(name), python=suites.venv_of(version))

    is_here = partial(suites.why_not_python, version)
    return Job(f"{name}, Python {version}", 150, runs, touched_by=("requirements.txt",), why_not=is_here)


def _patches(number: int) -> tuple[str]:
    return (f"steps/{folder_name(number)}/*.patch",)


def _is_here(name: str) -> bool:
    return (ROOT / name / "manage.py").exists()
