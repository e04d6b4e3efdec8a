"""`./ws take walls`: contracts that are green on the day they are written, and red after an import that they forbid."""

import shutil
import subprocess

import pytest
from taking import take

from workshop.maintaining.walls.tools import import_linter
from workshop.take import walls
from workshop.take.project import read


def lint(folder):
    """What import-linter says about a folder's contracts: nothing if all hold."""
    done = subprocess.run(import_linter(), cwd=folder, capture_output=True, text=True)
    return " ".join(done.stdout.split()) if done.returncode else ""


def project(folder, files):
    """A project of these files, each with its text; packages are made on the way."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manage.py").write_text('os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")  # django\n')
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        for package in file.relative_to(folder).parents[:-1]:
            (folder / package / "__init__.py").touch()
    return folder


def apps(**imports):
    """Apps with models; each value is what the models import."""
    return {f"{app}/models.py": text for app, text in imports.items()}


def contract(folder):
    return walls.contracts_of(read(folder)).files[folder / ".importlinter"].splitlines()


@pytest.mark.parametrize("kind", ["flat", "src"])
def test_the_contracts_hold_today_and_an_import_against_them_breaks_one(tmp_path, kind, request):
    made = shutil.copytree(request.getfixturevalue(f"{kind}_project"), tmp_path / "mine")
    root = made / "src" if kind == "src" else made
    accounts = next(root.rglob("accounts/models.py"))

    code, said = take("walls", made, "--yes")

    assert code == 0, said
    assert f"then lint-imports in {root}." in said
    assert lint(root) == ""
    accounts.write_text(f"from {'company.' if kind == 'src' else ''}shop.models import Invoice\n")
    assert "A part imports only parts below it BROKEN" in lint(root)


def test_one_of_a_kind_is_said_in_the_singular(tmp_path):
    mine = project(tmp_path, {"shop/models.py": "", "shop/views.py": "from shop import models\n", "config/urls.py": ""})

    said = take("walls", mine)[1]

    assert "the models of 1 app do not import 1 module with views, forms and the like" in said


def test_an_import_of_a_view_by_a_model_breaks_the_other_contract(tmp_path):
    files = {"shop/models.py": "", "shop/views.py": "from shop import models\n", "blog/models.py": ""}
    mine = project(tmp_path, files)
    assert take("walls", mine, "--yes")[0] == 0
    assert lint(mine) == ""

    (mine / "shop" / "models.py").write_text("def total():\n    from shop import views\n")

    assert "Models know nothing of views, forms, serializers and the like BROKEN" in lint(mine)


def test_few_imports_that_go_up_are_named_and_their_end_is_noticed(tmp_path):
    mine = project(
        tmp_path,
        {
            **apps(shop="from accounts import models\nfrom accounts import roles\n", accounts=""),
            "accounts/roles.py": "import shop.models\n",
        },
    )

    written = contract(mine)
    (mine / ".importlinter").write_text("\n".join(written))

    assert "    accounts.roles -> shop.models" in written
    assert written.index("    shop") < written.index("    accounts", written.index("    shop"))
    assert lint(mine) == ""
    (mine / "accounts" / "roles.py").write_text("")
    assert "No matches for ignored import accounts.roles -> shop.models" in lint(mine)


def test_parts_that_import_each_other_often_share_a_layer(tmp_path):
    many = range(walls.FEW + 1)
    files = {f"{one}/rule_{number}.py": f"import {other}.models\n" for one, other in ("ab", "ba") for number in many}
    mine = project(tmp_path, {**files, **apps(a="", b="", c="import a.models\n")})

    written = contract(mine)
    (mine / ".importlinter").write_text("\n".join(written))

    assert "    a : b" in written
    assert not any("violations" in line for line in written)
    assert lint(mine) == ""


def test_tests_and_migrations_may_import_what_they_need(tmp_path):
    mine = project(
        tmp_path,
        {
            **apps(shop="import accounts.models\n", accounts=""),
            "accounts/tests/test_roles.py": "import shop.models\n",
            "accounts/migrations/0001_initial.py": "import shop.models\n",
            "accounts/test_rules.py": "import shop.models\n",
        },
    )

    written = contract(mine)
    (mine / ".importlinter").write_text("\n".join(written))

    assert "    **.tests.** -> **" in written
    assert "    accounts.test_rules -> **" in written
    assert not any("violations" in line for line in written)
    assert lint(mine) == ""


def test_packages_with_the_names_of_ours_and_of_libraries_are_theirs_and_are_not_run(tmp_path):
    ran = tmp_path / "ran"
    text = f"open({str(ran)!r}, 'w')\n"
    mine = project(tmp_path / "mine", apps(workshop=text, grimp=f"import workshop.models\n{text}", click=text))
    for package in ("workshop", "grimp", "click"):
        (mine / package / "__init__.py").write_text(text)

    written = contract(mine)

    assert written.index("    click | grimp") < written.index("    workshop", written.index("    click | grimp"))
    assert not ran.exists()


@pytest.mark.parametrize(
    "name, text",
    [
        (".importlinter", ""),
        ("pyproject.toml", '[tool.importlinter]\nroot_package = "shop"\n'),
        ("setup.cfg", "[importlinter]\n"),
    ],
)
def test_contracts_that_are_there_already_stay(tmp_path, name, text):
    mine = project(tmp_path, apps(shop="", accounts=""))
    (mine / name).write_text(text)

    code, said = take("walls", mine, "--yes")

    assert code == 1
    assert f"{mine / name} has contracts already" in said
    assert (mine / name).read_text() == text


def test_a_project_without_anything_to_hold_apart(tmp_path):
    code, said = take("walls", project(tmp_path, apps(shop="")), "--yes")

    assert code == 1
    assert f"Nothing in {tmp_path} can be held apart today" in said


def test_code_that_cannot_be_parsed_is_named(tmp_path):
    mine = project(tmp_path, {**apps(shop="", accounts=""), "shop/old.py": "print 'old'\n"})

    code, said = take("walls", mine)

    assert code == 1
    assert f"Syntax error in {mine / 'shop' / 'old.py'}, line 1" in said
