"""`./ws take`: each starter works in a project that Django's own commands made, and its tests can fail."""

import compileall
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from taking import must, run, take

from workshop import ROOT
from workshop.commands import take as command
from workshop.take.starters import PATTERNS

STARTERS = ("value", "registry", "golden", "port", "outbox")
# A mistake for each starter: in the file with this name, this text becomes that.
MISTAKES = {
    "value": ("money.py", "parts[number] += 1", "parts[number] += 0"),
    "registry": ("invoice_status_rule.py", '("paid", ', '("payed", '),
    "golden": ("invoice_csv.py", 'lineterminator="\\n"', 'lineterminator="\\r\\n"'),
    "port": ("mail.py", "except OSError", "except KeyError"),
    "outbox": ("relaying.py", "due_at=message.due_at,\n", "\n"),
}
TESTS = {
    "value": "test_money",
    "registry": "test_invoice_status_rule",
    "golden": "test_invoice_csv",
    "port": "test_invoice_notices",
    "outbox": "test_outbox",
}


class Layout:
    """A project with all starters of the shop in it, and its own commands."""

    def __init__(self, folder, uses_pytest):
        self.folder, self.uses_pytest = folder, uses_pytest
        self.manage = next(self.folder.rglob("manage.py")).parent
        self.before = snapshot(self.folder)
        self.said = {}
        for pattern in STARTERS:
            code, self.said[pattern] = take(pattern, self.folder, "--app", "shop", "--yes")
            assert code == 0, self.said[pattern]

    def tests(self, folder, *names):
        """Runs the project's tests in a copy, or those of one starter."""
        if self.uses_pytest:
            return run(folder, "-m", "pytest", "-q", *(["-k", names[0]] if names else []))
        return run(
            folder / self.manage.relative_to(self.folder), "manage.py", "test", *(f"shop.{name}" for name in names)
        )

    def install_outbox(self, folder):
        """Does what the command says first: adds the outbox to INSTALLED_APPS."""
        for settings in folder.rglob("*.py"):
            if "INSTALLED_APPS = [" in (text := settings.read_text()):
                name = "company.shop.outbox" if self.uses_pytest else "shop.outbox"
                settings.write_text(text.replace("INSTALLED_APPS = [", f"INSTALLED_APPS = [{name!r},"))


def snapshot(folder):
    files = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(folder): file.read_bytes() for file in files}


@pytest.fixture(scope="module", params=["flat", "src"])
def layout(request, tmp_path_factory):
    made = request.getfixturevalue(f"{request.param}_project")
    folder = shutil.copytree(made, tmp_path_factory.mktemp("layout") / request.param)
    return Layout(folder, uses_pytest=request.param == "src")


@pytest.fixture
def copy(layout, tmp_path):
    return shutil.copytree(layout.folder, tmp_path / "copy")


@pytest.fixture
def project(flat_project):
    return flat_project


def test_the_project_passes_its_own_checks_and_no_file_of_it_is_changed(layout):
    must(layout.manage, "manage.py", "check")
    must(layout.manage, "manage.py", "makemigrations", "--check")

    after = snapshot(layout.folder)
    assert {name: after[name] for name in layout.before} == layout.before
    assert len(after) > len(layout.before) + len(STARTERS)


def test_its_own_runner_runs_the_tests_and_skips_the_outbox_that_is_not_installed(layout, copy):
    done = layout.tests(copy)

    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert "10 skipped" in said if layout.uses_pytest else "skipped=10" in said


def test_the_outbox_works_after_the_line_that_the_command_names(layout, copy):
    layout.install_outbox(copy)
    manage = copy / layout.manage.relative_to(layout.folder)

    must(manage, "manage.py", "makemigrations", "--check")
    done = layout.tests(copy, "test_outbox")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout + done.stderr
    where = "config/settings/base.py:" if layout.uses_pytest else "config/settings.py:"
    assert where in layout.said["outbox"]


def test_a_mistake_in_a_starter_makes_its_own_tests_red(layout, copy):
    for name, right, wrong in MISTAKES.values():
        (file,) = copy.rglob(name)
        assert right in file.read_text()
        file.write_text(file.read_text().replace(right, wrong, 1))
    layout.install_outbox(copy)

    said = layout.tests(copy).stderr if not layout.uses_pytest else layout.tests(copy).stdout

    red = [line for line in said.splitlines() if line.startswith(("FAIL", "ERROR"))]
    assert [name for name in TESTS.values() if not any(name in line for line in red)] == []


@pytest.mark.skipif(find_spec("ruff") is None, reason="ruff is in the lint group: ./ws lint installs it")
def test_a_starter_is_formatted_and_has_nothing_for_a_linter(layout, copy):
    new = [str(copy / name) for name in snapshot(layout.folder) if name not in layout.before and name.suffix == ".py"]
    chosen = [
        "--isolated",
        "--extend-select=E,F,W,I,B,UP,C4,SIM,PT,RET,RUF",
        "--ignore=E501,RUF012,PT009,PT027",
    ]  # Meta has lists

    must(copy, "-m", "ruff", "check", f"--config=src=['{copy}', '{copy}/src']", *chosen, *new)
    for width in ("--line-length=88", "--line-length=120"):
        must(copy, "-m", "ruff", "format", "--isolated", "--check", "--diff", width, *new)


def test_what_is_printed_at_the_end_removes_the_files_and_nothing_else(layout, copy):
    compileall.compile_dir(copy, quiet=2)
    for pattern in reversed(STARTERS):
        undo = layout.said[pattern].strip().splitlines()[-1].partition("To remove it again: ")[2]
        assert str(layout.folder) in undo
        subprocess.run(["sh", "-ec", undo.replace(str(layout.folder), str(copy))], check=True)

    assert snapshot(copy) == layout.before


def test_alone_it_lists_the_patterns():
    code, said = take()

    assert code == 0
    assert all(f"  {pattern} " in said for pattern in PATTERNS)


def test_in_a_pipe_it_shows_the_diff_and_writes_nothing(project):
    before = snapshot(project)

    code, said = take("value", project)

    assert code == 0
    assert "+++ b/shop/money.py\n" in said
    assert "+class Money:\n" in said
    assert said.endswith("Nothing was written. Add --yes to write these files.\n")
    assert snapshot(project) == before


def test_the_names_are_those_of_the_app_and_can_be_given(project):
    _, by_default = take("value", project, "--app", "accounts")
    _, named = take("value", project, "--name", "Price")
    _, numbers = take("registry", project, "--app", "accounts")

    assert "+class Period:" in by_default
    assert "Person.joined_at and Person.left_at" in by_default
    assert "+class Price:" in named
    assert "Invoice.total" in named
    assert '+        PersonRoleRule(1, "Customer"),' in numbers


def test_a_path_starts_in_the_folder_in_which_the_command_was_typed(project):
    shell = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for path in (".", f"../{project.name}"):
        done = subprocess.run(
            [ROOT / "ws", "take", "value", path], cwd=project, env=shell, capture_output=True, text=True
        )

        assert done.returncode == 0, done.stderr
        assert "+class Money:" in done.stdout


def test_an_answer_that_is_not_yes_writes_nothing(project, monkeypatch):
    monkeypatch.setattr(command, "_wants", lambda files, folder: False)
    before = snapshot(project)

    assert "Nothing was written." in take("port", project)[1]
    assert snapshot(project) == before
