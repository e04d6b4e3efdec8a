"""README, CONTRIBUTING and docs/ say what is so: their commands exist and their links lead somewhere."""

import json
import re

import pytest

from workshop import ROOT
from workshop.__main__ import cli
from workshop.demo.clients import CLIENTS
from workshop.demo.run import EVENTS
from workshop.exercises.maintaining import dev

DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/after.md",
    "docs/facilitating.md",
    "docs/glossary.md",
    "docs/running.md",
    "docs/tour.md",
]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z][a-z0-9-]*):", MAKEFILE, re.MULTILINE))
EXPLAINED = set(re.findall(r"^([a-z][a-z0-9-]*):.*## \S", MAKEFILE, re.MULTILINE))


def text_of(document):
    return (ROOT / document).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_command_that_a_document_names_exists(document):
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z0-9-]*)", text_of(document), re.MULTILINE))

    assert named <= TARGETS


def test_the_readme_names_commands_to_check():
    assert {"demo", "test"} <= set(re.findall(r"(?:^|`)make ([a-z][a-z0-9-]*)", text_of("README.md"), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_ws_command_that_a_document_names_exists(document):
    named = re.findall(r"(?:^|`)\./ws +([a-z]+)(?: +([a-z]+))?", text_of(document), re.MULTILINE)

    known = {*cli.commands, *(f"dev {name}" for name in dev.commands)}
    assert [name for name in named if (" ".join(name) if name[0] == "dev" else name[0]) not in known] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_inside_the_repository_leads_somewhere(document):
    prose = re.sub(r"^```.*?^```", "", text_of(document), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\((?!https?:)([^)#]*)", prose)

    assert [link for link in links if link and not ((ROOT / document).parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_file_that_a_document_names_exists(document):
    named = re.findall(r"tests/[\w/]+\.py", text_of(document))

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_readme_s_map_names_only_what_is_here():
    block = text_of("README.md").split("## The tree")[1].split("```")[1]
    named, folder = [], ""
    for line in block.strip().splitlines():
        name = line.split()[0]
        folder = folder if line.startswith(" ") else name
        named.append(folder + name if line.startswith(" ") else name)

    assert "before/webhooks/" in named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_help_lists_every_command_for_people():
    assert {"setup-lint", "setup-bench", "setup-exercises"} >= TARGETS - EXPLAINED


def test_every_command_needs_nothing_but_itself():
    needy = re.findall(r"^([a-z][a-z0-9-]*):(?! setup| *.*=)[^\n]*\n[^\n]*WORKSHOP", MAKEFILE, re.M)

    assert needy == []


def test_the_readme_counts_the_demo_s_events_and_clients_right():
    events = json.loads(EVENTS.read_text(encoding="utf-8"))

    assert f"posts {len(events)} events" in text_of("README.md")
    assert "nine clients" in text_of("README.md")
    assert len(CLIENTS) == 9
