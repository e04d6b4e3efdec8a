"""`./ws take` says in a sentence what is wrong with what it was given, and what to do."""

import os
import shutil

import pytest
from taking import take

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.take import placing
from workshop.take.project import read


@pytest.fixture
def project(flat_project, tmp_path):
    return shutil.copytree(flat_project, tmp_path / "mine")


def test_no_django_project(tmp_path):
    code, said = take("value", tmp_path)

    assert code == 1
    assert f"There is no Django project in {tmp_path}" in said
    assert "Name the folder with manage.py." in said


@pytest.mark.parametrize("path", ["nowhere", "a file"])
def test_a_path_that_is_no_folder(tmp_path, path):
    (tmp_path / "a file").touch()

    code, said = take("value", tmp_path / path)

    assert code == 1
    assert "is no folder that can be read" in said


def test_several_projects_below_the_path(project):
    shutil.copytree(project, project.parent / "other")

    code, said = take("value", project.parent)

    assert code == 1
    assert f"There are 2 Django projects below {project.parent}" in said
    assert f"  {project}\n" in said


def test_one_project_below_the_path_is_found(project):
    assert take("value", project.parent)[0] == 0


def test_a_part_of_a_project_names_the_whole(project):
    code, said = take("value", project / "shop")

    assert code == 1
    assert f"It is part of the project in {project}." in said


def test_a_project_without_apps(project):
    for app in ("shop", "accounts"):
        shutil.rmtree(project / app)

    code, said = take("value", project)

    assert code == 1
    assert "No app was found" in said
    assert "startapp" in said


@pytest.mark.parametrize("path", [ROOT, ROOT / "before", ROOT / "exercises" / "03-money-is-not-a-float" / "start"])
def test_this_repository(path):
    code, said = take("value", path)

    assert code == 1
    assert "in the workshop itself" in said


def test_a_file_that_is_there_already(project):
    (project / "shop" / "money.py").write_text("mine\n")

    code, said = take("value", project, "--yes")

    assert code == 1
    assert "money.py is there already" in said
    assert (project / "shop" / "money.py").read_text() == "mine\n"


@pytest.mark.parametrize(
    "pattern, taken",
    [("value", "shop/money/__init__.py"), ("port", "shop/invoice_notices.py"), ("golden", "shop/golden/invoice.csv")],
)
def test_a_name_that_something_else_has(project, pattern, taken):
    (project / taken).parent.mkdir(exist_ok=True)
    (project / taken).touch()

    code, said = take(pattern, project, "--yes")

    assert code == 1
    assert "--name or --app avoids the clash" in said


def test_a_class_that_is_there_already(project):
    code, said = take("value", project, "--name", "Invoice")

    assert code == 1
    assert "shop has a class Invoice already" in said


@pytest.mark.parametrize("name", ["invoice", "Two Words", "1st", "../Up", "None"])
def test_a_name_that_is_no_class(project, name):
    code, said = take("value", project, "--name", name)

    assert code == 1
    assert "cannot name a class" in said


def test_an_app_that_is_not_there(project):
    code, said = take("value", project, "--app", "shopp")

    assert code == 1
    assert "There is no app 'shopp'" in said
    assert "Name one of these: accounts, shop." in said


def test_no_closed_set(project):
    for app in ("shop", "accounts"):
        models = project / app / "models.py"
        models.write_text(models.read_text().replace("choices=", "help_text="))

    code, said = take("registry", project)

    assert code == 1
    assert "has a field with choices" in said


@pytest.mark.parametrize("arguments", [("nonsense",), ("value",)])
def test_an_unknown_pattern_and_a_missing_path(arguments):
    code, said = take(*arguments)

    assert code == 1
    assert "Name " in said


def test_a_folder_that_cannot_be_written(project, monkeypatch):
    real = os.access  # root may write everywhere, so the mode of the folder would prove nothing here
    monkeypatch.setattr(os, "access", lambda path, mode: path != project / "shop" and real(path, mode))

    code, said = take("value", project, "--yes")

    assert code == 1
    assert f"No file can be made in {project / 'shop'}" in said


def test_what_was_written_goes_if_a_later_file_cannot_be_written(project):
    before = sorted(project.rglob("*"))
    opened = []

    class Full(type(project)):
        def open(self, *arguments, **named):
            opened.append(self)
            if len(opened) == 3:
                raise OSError(28, "No space left on device", str(self))
            return super().open(*arguments, **named)

    theirs = read(project)
    files = {Full(project / "shop" / "new" / f"{name}.py"): "text\n" for name in "abcd"}

    with pytest.raises(CommandFailed, match="No space left on device"):
        placing.place(theirs, files)

    assert len(opened) == 3
    assert sorted(project.rglob("*")) == before


def test_a_file_that_is_not_python_of_today_stops_nothing(project):
    (project / "shop" / "old.py").write_text("print 'no longer Python'\n")
    (project / "shop" / "latin.py").write_bytes(b"name = '\xe9'\n")
    (project / "shop" / "loop").symlink_to(project)

    assert take("value", project)[0] == 0
