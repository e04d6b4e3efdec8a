"""Walls only tighten: what is loosening and what is not."""

import pytest

from workshop import ROOT
from workshop.steps.tightening import loosened

BASE = """\
[importlinter]
root_packages =
    webhooks

[importlinter:contract:layers]
name = Inward
type = layers
layers =
    apps | admin
    adapters
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
readers =
    webhooks/metrics.py
"""
MODULES = {"webhooks.domain", "webhooks.amounts", "webhooks.composition"}
FILES = {"webhooks/domain", "webhooks/metrics.py", "webhooks/views.py"}


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
        ("contract:domain]", "contract:other]", "the contract domain is gone"),
        ("type = protected", "type = forbidden", "the contract composition is of another type"),
        ("    celery\n", "", "domain: celery is no longer one of its forbidden_modules"),
        ("    webhooks.amounts\n", "", "domain: webhooks.amounts is no longer one of its source_modules"),
        ("exhaustive = True", "", "layers: it is no longer exhaustive"),
        (
            "forbidden_modules =",
            "allow_indirect_imports = True\nforbidden_modules =",
            "domain: it allows indirect imports now",
        ),
        (
            "plumbing.currencies\n",
            "plumbing.currencies\n    webhooks.domain.formats -> django\n",
            "domain: a new exception: webhooks.domain.formats -> django",
        ),
        (
            "    webhooks.apps\n",
            "    webhooks.apps\n    webhooks.views\n",
            "composition: webhooks.views may import what it protects now",
        ),
        (
            "    adapters\n    domain\n",
            "    domain\n    adapters\n",
            "layers: adapters and domain no longer stand above each other as they did",
        ),
        (
            "    adapters\n    domain\n",
            "    adapters | domain\n",
            "layers: adapters and domain no longer stand above each other as they did",
        ),
        ("    webhooks/domain\n", "    webhooks/nothing\n", "walls: webhooks/domain is no longer inner"),
        ("    defusedxml\n", "    defusedxml\n    requests\n", "walls: requests may be imported inside now"),
        (
            "    webhooks/metrics.py\n",
            "    webhooks/metrics.py\n    webhooks/views.py\n",
            "walls: webhooks/views.py is one of readers now",
        ),
    ],
)
def test_what_is_allowed_now_and_was_not_is_told(old, new, what):
    assert said(replaced(old, new)) == [what]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    celery\n", "    celery\n    urllib3\n"),
        ("    webhooks.amounts\n", "    webhooks.amounts\n    webhooks.application\n"),
        ("    apps | admin\n", "    apps\n    admin\n"),
        ("    adapters\n", "    adapters\n    application\n"),
        (
            "plumbing.currencies\n",
            "plumbing.currencies\n    webhooks.application.** -> plumbing.logs\n",
        ),
        ("webhooks.domain.** -> plumbing.currencies", ""),
        ("    webhooks/domain\n", "    webhooks/domain\n    webhooks/application\n"),
        ("    webhooks/domain\npackages =\n", "    webhooks/domain\n    webhooks/acks\npackages =\n    jsonschema\n"),
        ("    webhooks/metrics.py\n", "    webhooks/adapters/metrics.py\n"),
    ],
)
def test_what_is_tighter_new_or_only_moved_is_fine(old, new):
    assert said(replaced(old, new)) == []


def test_a_module_that_is_no_longer_there_binds_nobody():
    assert said(replaced("    webhooks.amounts\n", ""), modules=MODULES - {"webhooks.amounts"}) == []


def test_a_wider_package_stands_for_what_is_in_it():
    assert said(replaced("    webhooks.domain\n    webhooks.amounts\n", "    webhooks\n")) == []


def test_an_exception_that_moved_with_its_modules_is_the_same():
    old = BASE.replace("webhooks.domain.** -> plumbing.currencies", "webhooks.amounts -> webhooks.models")
    new = BASE.replace("webhooks.domain.** -> plumbing.currencies", "webhooks.domain.amounts -> webhooks.orm.models")

    assert said(new, old=old) == []


def test_the_walls_of_after_are_as_tight_as_themselves():
    text = (ROOT / "after" / ".importlinter").read_text(encoding="utf-8")

    assert list(loosened(text, text, lambda _: True, lambda _: True, lambda _: True)) == []
