""".vscode/: its patterns find red checks in what the commands really print, and its commands exist."""

import json
import re
import shutil
import subprocess
import tomllib

import pytest
from test_ws import COMMAND, SECONDS, SIZELESS, Terminal

from workshop import ROOT
from workshop.base import setup
from workshop.base.commands import ALL, places
from workshop.commands import exercises
from workshop.exercises import catalogue, trees
from workshop.exercises.workfolder import WorkFolder

TASKS = json.loads((ROOT / ".vscode" / "tasks.json").read_text())["tasks"]
SETTINGS = json.loads((ROOT / ".vscode" / "settings.json").read_text())
BY_NAME = {task["label"]: task for task in TASKS}
ONCE, AT_EACH_SAVE = BY_NAME["exercise: check once"], BY_NAME["exercise: check at each save"]
HERE = "${workspaceFolder}"


def problems(said, task):
    """The problems that the task's pattern finds in an output: file, line, message and code of each."""
    pattern = task["problemMatcher"]["pattern"]
    found = filter(None, (re.match(pattern["regexp"], line) for line in said.splitlines()))
    return [tuple(match[pattern[part]] for part in ("file", "line", "message", "code")) for match in found]


@pytest.fixture
def check(tmp_path):
    """The output of a check of an exercise, after the given files have been saved."""

    def run(name, **saved):
        work = WorkFolder(tmp_path / "my work")
        work.lay(catalogue.find(name))
        for file, text in saved.items():
            (work.folder / file.replace("__", "/")).with_suffix(".py").write_text(text)
        command, environment = [*COMMAND, *ONCE["args"]], SIZELESS | {"WS_WORK": str(work.folder), "COLUMNS": "60"}
        return work, subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True).stdout

    return run


@pytest.mark.parametrize("exercise", catalogue.read_all(), ids=lambda exercise: exercise.name)
def test_each_red_check_of_a_start_is_a_problem_at_a_line_that_is_there(check, exercise):
    work, said = check(exercise.name)

    found = problems(said, ONCE)

    red = int(re.search(r"^Red checks: (\d+)$", said, re.MULTILINE)[1])
    assert len({code for *_, code in found}) == red
    assert {code for *_, code in found} <= {check.id for check in exercise.checks}
    for file, line, message, _ in found:
        assert 1 <= int(line) <= len((work.folder.parent / file).read_text().splitlines())
        assert message


def test_each_place_of_a_check_is_a_problem_with_its_own_words(check):
    work, said = check("3")

    found = problems(said, ONCE)

    invoice, readme = work.folder / "shop" / "invoice.py", work.folder / "README.md"
    assert (str(invoice), "8", "shop/invoice.py:8 divides or rounds money: round(…).") in [
        (file, line, message[: message.index("Divide and") - 1])
        for file, line, message, code in found
        if code == "cents-in-one-place"
    ]
    assert [file for file, *_, code in found if code == "money-stands-alone"] == [str(readme)]  # it has no file yet


def test_code_that_is_no_python_is_a_problem_at_its_line(check):
    work, said = check("3", shop__invoice="\ndef invoice(order:\n")

    found = problems(said, ONCE)

    assert (str(work.folder / "shop" / "invoice.py"), "2") in [(file, line) for file, line, *_ in found]


def test_a_solution_leaves_no_problem(tmp_path):
    exercise = catalogue.find("4")
    work = WorkFolder(tmp_path / "work")
    work.lay(exercise)
    trees.lay(work.folder, exercise.start, exercise.solution)
    environment = SIZELESS | {"WS_WORK": str(work.folder)}

    done = subprocess.run([*COMMAND, *ONCE["args"]], cwd=ROOT, env=environment, capture_output=True, text=True)

    assert done.returncode == 0 and "Red checks: 0" in done.stdout
    assert problems(done.stdout, ONCE) == []


def test_the_loop_renews_the_problems_at_each_save_between_the_lines_that_the_task_waits_for(tmp_path):
    work = WorkFolder(tmp_path / "my work")
    work.lay(catalogue.find("3"))
    background = AT_EACH_SAVE["problemMatcher"]["background"]
    loop = Terminal(work, arguments=AT_EACH_SAVE["args"], columns=200)
    try:
        first = loop.await_text("list, q quit.")
        (work.folder / "shop" / "invoice.py").write_text("no Python\n")
        second = loop.await_text("list, q quit.")
    finally:
        loop.press("q")
        assert loop.process.wait(SECONDS) == 0
        loop.close()

    for said in (first, second):
        lines = said.splitlines()
        begins = [at for at, line in enumerate(lines) if re.search(background["beginsPattern"], line)]
        ends = [at for at, line in enumerate(lines) if re.search(background["endsPattern"], line)]
        within = problems("\n".join(lines[begins[0] : ends[0]]), AT_EACH_SAVE)
        assert len(begins) == len(ends) == 1
        assert within and within == problems(said, AT_EACH_SAVE)
    assert problems(first, AT_EACH_SAVE) != problems(second, AT_EACH_SAVE)


def test_both_tasks_read_the_same_lines():
    assert ONCE["problemMatcher"]["pattern"] == AT_EACH_SAVE["problemMatcher"]["pattern"]
    assert ONCE["problemMatcher"]["fileLocation"] == ["autoDetect", HERE]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task["label"])
def test_the_command_of_each_task_exists_with_its_options(task):
    command, (name, *options) = task["command"].replace(HERE, str(ROOT)), task["args"]

    assert task["type"] == "process", "a shell would split a folder's name at a space"
    if command == "make":
        assert re.search(rf"^{name}:.*##.*\(.*{options[0].partition('=')[0]}=", (ROOT / "Makefile").read_text(), re.M)
        return
    assert shutil.which(command) == str(ROOT / "ws")
    assert places(ALL)[name].module == "exercises"
    known = {one.name: one for one in vars(exercises).values() if hasattr(one, "params")}
    assert set(options) <= {option for parameter in known[name].params for option in parameter.opts}


def test_the_settings_are_of_this_folder_and_name_what_is_here():
    python = SETTINGS["python.defaultInterpreterPath"].replace(HERE, str(ROOT))
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]

    assert python == str(setup.interpreter(ROOT / ".venv"))
    assert [path for path in SETTINGS["python.testing.pytestArgs"] if not (ROOT / path).is_dir()] == []
    assert SETTINGS["[python]"]["editor.rulers"] == [ruff["line-length"]]
    assert "editor.formatOnSave" not in SETTINGS | SETTINGS["[python]"]  # the formatter may not be installed


def test_what_the_editor_hides_is_what_git_ignores():
    hidden = {*SETTINGS["files.exclude"], *SETTINGS["search.exclude"]} - {"requirements*"}
    names = [name.removeprefix("**/").replace("*", "-x") for name in hidden]

    asked = subprocess.run(
        ["git", "check-ignore", "--no-index", *(f"./{name}/a" for name in names)], cwd=ROOT, stdout=-1
    )

    assert len(asked.stdout.splitlines()) == len(names)


def test_each_extension_that_is_recommended_is_used():
    named = json.loads((ROOT / ".vscode" / "extensions.json").read_text())["recommendations"]

    assert SETTINGS["[python]"]["editor.defaultFormatter"] in named
    assert any(name.endswith(".codetour") for name in named) == (ROOT / ".tours").is_dir()
    assert all(re.fullmatch(r"[a-z-]+\.[a-z-]+", name) for name in named)
