"""Walls only tighten: what is loosening and what is not."""

import pytest

from workshop import ROOT
from workshop.maintaining.road.tightening import loosened

BASE = """\
[importlinter]
root_packages =
    webhooks

[importlinter:contract:layers]
name = Inward
type = layers
containers =
    webhooks
layers =
    apps | admin
    adapters
    models
    domain
exhaustive = True

[importlinter:contract:domain]
name = Pure
type = forbidden
source_modules =
    webhooks.domain
    webhooks.amounts
forbidden_modules =
    django
    celery
    plumbing
ignore_imports =
    webhooks.domain.** -> plumbing.currencies

[importlinter:contract:composition]
name = Composed
type = protected
protected_modules =
    webhooks.composition
allowed_importers =
    webhooks.apps

[walls]
inner =
    webhooks/domain
packages =
    defusedxml
tables =
    webhooks/views.py
readers =
    webhooks/metrics.py
"""
MODULES = {f"webhooks.{name}" for name in ("domain", "amounts", "composition", "apps", "admin", "adapters", "models")}
FILES = {"webhooks/domain", "webhooks/metrics.py", "webhooks/views.py", "webhooks/admin.py"}


def said(new, modules=MODULES, was=FILES, now=FILES, old=BASE):
    return list(loosened(old, new, modules.__contains__, was.__contains__, now.__contains__))


def replaced(old, new):
    assert old in BASE
    return BASE.replace(old, new)


def test_the_same_walls_are_no_looser():
    assert said(BASE) == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("    celery\n", "", ["webhooks.domain -> celery", "webhooks.amounts -> celery"]),
        ("    webhooks.amounts\n", "", [f"webhooks.amounts -> {name}" for name in ("django", "celery", "plumbing")]),
        ("    models\n    domain\n", "    domain\n    models\n", ["webhooks.domain -> webhooks.models"]),
        ("    models\n    domain\n", "    models : domain\n", ["webhooks.domain -> webhooks.models"]),
    ],
)
def test_an_import_that_was_forbidden_and_is_not_any_more_is_told(old, new, what):
    assert said(replaced(old, new)) == [f"{edge} is no longer forbidden" for edge in what]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("exhaustive = True", "", "the layers of webhooks are no longer exhaustive"),
        (
            "plumbing.currencies\n",
            "plumbing.currencies\n    webhooks.domain.formats -> django.db\n",
            "a new exception: webhooks.domain.formats -> django.db",
        ),
        (
            "    webhooks.apps\n",
            "    webhooks.apps\n    webhooks.views\n",
            "webhooks.views may import webhooks.composition now",
        ),
        ("    webhooks.composition\n", "    webhooks.other\n", "webhooks.composition is no longer protected"),
        ("    webhooks/domain\n", "    webhooks/nothing\n", "webhooks/domain is no longer inner"),
        ("    defusedxml\n", "    defusedxml\n    requests\n", "requests may be imported inside now"),
        ("readers =\n", "readers =\n    webhooks/admin.py\n", "webhooks/admin.py is one of readers now"),
        ("tables =\n", "tables =\n    webhooks/metrics.py\n", "webhooks/metrics.py is one of tables now"),
    ],
)
def test_what_is_allowed_now_and_was_not_is_told(old, new, what):
    assert said(replaced(old, new))[0] == what


def test_an_exception_for_a_module_that_has_just_been_written_is_fine():
    new = replaced("plumbing.currencies\n", "plumbing.currencies\n    webhooks.domain.** -> webhooks.process\n")
    old = replaced("    plumbing\n", "    plumbing\n    webhooks\n")
    with_the_exception = new.replace("    plumbing\n", "    plumbing\n    webhooks\n")

    assert said(with_the_exception, old=old) == []
    assert said(with_the_exception, old=old, was=FILES | {"webhooks/process.py"}) == [
        "a new exception: webhooks.domain.** -> webhooks.process"
    ]


def test_a_detour_that_is_allowed_now_is_told():
    new = replaced(
        "source_modules =\n    webhooks.domain", "allow_indirect_imports = True\nsource_modules =\n    webhooks.domain"
    )

    assert "webhooks.domain -> django is no longer forbidden" in said(new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    celery\n", "    celery\n    urllib3\n"),
        ("    webhooks.amounts\n", "    webhooks.amounts\n    webhooks.application\n"),
        ("contract:domain]", "contract:inside]"),
        ("    apps | admin\n    adapters\n    models\n", "    apps | admin | models\n    adapters\n    application\n"),
        ("    models\n    domain\n", "    models | domain\n"),
        ("plumbing.currencies\n", "plumbing.currencies\n    webhooks.application.** -> plumbing.logs\n"),
        ("    webhooks.domain.** -> plumbing.currencies", ""),
        ("    webhooks/domain\n", "    webhooks/domain\n    webhooks/application\n"),
        ("    webhooks/domain\npackages =\n", "    webhooks/domain\n    webhooks/acks\npackages =\n    jsonschema\n"),
        ("    webhooks/metrics.py\n", "    webhooks/adapters/metrics.py\n"),
        ("readers =\n", "readers =\n    webhooks/views.py\n"),
    ],
)
def test_what_is_tighter_new_moved_or_only_arranged_anew_outside_is_fine(old, new):
    assert said(replaced(old, new)) == []


def test_a_rule_about_a_removed_module_no_longer_counts():
    assert said(replaced("    webhooks.amounts\n", ""), modules=MODULES - {"webhooks.amounts"}) == []


def test_a_wider_contract_takes_the_place_of_a_narrow_one():
    narrow = (
        BASE
        + "\n[importlinter:contract:one]\ntype = forbidden\nsource_modules =\n    webhooks.domain.money\nforbidden_modules =\n    celery.app\n"
    )

    assert said(BASE, old=narrow, modules=MODULES | {"webhooks.domain.money"}) == []


def test_an_exception_that_moved_with_its_modules_is_the_same():
    old = BASE.replace("webhooks.domain.** -> plumbing.currencies", "webhooks.amounts -> plumbing.currencies")
    new = BASE.replace("webhooks.domain.** -> plumbing.currencies", "webhooks.domain.amounts -> plumbing.currencies")

    assert said(new, old=old) == []


def test_the_walls_of_after_are_as_tight_as_themselves():
    text = (ROOT / "after" / ".importlinter").read_text(encoding="utf-8")

    assert list(loosened(text, text, lambda _: True, lambda _: True, lambda _: True)) == []
