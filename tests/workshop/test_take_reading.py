"""What `./ws take` reads of a project: apps and their names, the test runner, closed sets. Nothing of it is imported."""

import pytest

from workshop.take.filling import noun, plural, snake
from workshop.take.models import models_in
from workshop.take.project import place_of_installed_apps, read


@pytest.fixture
def project(tmp_path):
    """Makes files below a folder with manage.py."""

    def make(files, top=""):
        settings = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")  # django\n'
        for name, text in {f"{top}manage.py": f"raise SystemExit('it was run')\n{settings}", **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return read(tmp_path)

    return make


def test_an_app_has_the_name_that_its_configuration_states(project):
    stated = "class ShopConfig(AppConfig):\n    default = True\n    name = 'shop'\n"

    (app,) = project({"apps/__init__.py": "", "apps/shop/apps.py": stated}).apps

    assert (app.module, app.import_root.name) == ("shop", "apps")


@pytest.mark.parametrize("stated", ["name = NAME", "name = 'elsewhere.store'"])
def test_an_app_has_the_name_of_its_packages_otherwise(project, stated):
    files = {"src/company/__init__.py": "", "src/company/shop/__init__.py": "", "src/company/shop/models.py": ""}

    (app,) = project({**files, "src/company/shop/apps.py": f"class ShopConfig(AppConfig):\n    {stated}\n"}).apps

    assert (app.module, app.import_root.name) == ("company.shop", "src")


def test_packages_for_tests_environments_and_plain_folders_are_no_apps(project):
    files = ("shop", "tests/blog", "venv/lib/site", ".hidden/app", "node_modules/app", "env2/app")
    apps = {f"{name}/{file}": "" for name in files for file in ("__init__.py", "models.py")}

    found = project({**apps, "env2/pyvenv.cfg": "", "docs/models.py": ""}).apps

    assert [app.module for app in found] == ["shop"]


@pytest.mark.parametrize(
    "name, text, uses_pytest",
    [
        ("requirements.txt", "pytest==9\n", False),
        ("requirements.txt", "pytest-django==4\n", True),
        ("requirements/dev.txt", "Pytest_Django\n", True),
        ("pyproject.toml", '[dependency-groups]\ndev = ["pytest-django"]\n', True),
        ("pytest.ini", "[pytest]\nDJANGO_SETTINGS_MODULE = config.settings\n", True),
        ("pytest.ini", "[pytest]\naddopts = -q\n", False),
    ],
)
def test_the_test_runner_is_read_from_the_settings_of_tools(project, name, text, uses_pytest):
    found = project(
        {name: text, ".git/HEAD": "", "backend/shop/__init__.py": "", "backend/shop/models.py": ""}, "backend/"
    )

    assert found.uses_pytest is uses_pytest


@pytest.mark.parametrize(
    "name, text",
    [
        ("pytest.ini", "[pytest]\ntestpaths =\n    tests\n    more\npython_files = test_*.py\n"),
        ("pyproject.toml", '[tool.pytest.ini_options]\ntestpaths = [\n  "tests",\n  "more",\n]\n'),
    ],
)
def test_tests_go_to_the_folders_that_pytest_is_told(project, tmp_path, name, text):
    found = project({name: text, "tests/test_a.py": "", "more/test_b.py": "", "shop/apps.py": ""})

    assert list(found.tests_only_in) == [tmp_path / "tests", tmp_path / "more"]


def test_the_place_of_the_installed_apps_is_found_next_to_the_settings_in_use(project):
    settings = {"config/settings/base.py": "\nINSTALLED_APPS: list[str] = []\n", "config/settings/local.py": ""}

    assert place_of_installed_apps(project({**settings, "shop/apps.py": ""})) == " in config/settings/base.py:2"
    assert place_of_installed_apps(project({"config/settings/base.py": "", "shop/apps.py": ""})) == ""


@pytest.mark.parametrize(
    "written, choices",
    [
        ("choices=[('a', 'One'), ('b', _('Two'))]", (("a", "One"), ("b", "Two"))),
        ("choices=NUMBERS", ((1, "One"), (2, "Two"))),
        ("choices=OWN", (("x", "X"), ("y", "Y"))),
        ("choices=Kind.choices", (("mail", "By mail"), ("text_message", "Text Message"))),
        ("choices=Level.choices", ((1, "Low"), (2, "High"))),
        ("choices=KEYS", (("mail", "M"), ("text_message", "T"))),
        ("choices=made()", ()),
        ("choices=[('a', 'One'), ('a', 'Again')]", ()),
        ("choices=[('a', 'One'), (1, 'Two')]", ()),
        ("choices=[('group', [('a', 'One')]), ('b', 'Two')]", ()),
        ("max_length=3", ()),
    ],
)
def test_a_closed_set_is_read_as_far_as_the_source_states_it(written, choices):
    text = f"""
NUMBERS = ((1, "One"), (2, "Two"))

class Kind(models.TextChoices):
    MAIL = "mail", gettext_lazy("By mail")
    TEXT_MESSAGE = "text_message"

class Level(models.IntegerChoices):
    LOW = 1
    HIGH = 2

KEYS = [(Kind.MAIL, "M"), (Kind.TEXT_MESSAGE.value, "T")]

class Notice(Base):
    X = "x"
    OWN = ((X, "X"), ("y", "Y"))
    field = models.CharField({written})
"""

    (model,) = models_in(text, "shop.models")

    assert model.fields[0].choices == choices


def test_abstract_models_and_plain_classes_are_left_out():
    text = """
class Base(models.Model):
    a = models.CharField()
    class Meta:
        abstract = True

class Plain:
    a = models.CharField()

class Real(Base):
    price: Decimal = models.DecimalField(decimal_places=3)
"""

    (model,) = models_in(text, "shop.models")

    assert (model.name, model.fields[0].decimal_places) == ("Real", 3)


@pytest.mark.parametrize(
    "name, words, many",
    [
        ("Invoice", "invoice", "invoices"),
        ("BlogPost", "blog post", "blog posts"),
        ("HTTPCheck", "http check", "http checks"),
        ("Company", "company", "companies"),
        ("Box", "box", "boxes"),
    ],
)
def test_names_become_words(name, words, many):
    assert (noun(name), snake(name), plural(noun(name))) == (words, words.replace(" ", "_"), many)
