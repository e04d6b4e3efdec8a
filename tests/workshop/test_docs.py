"""README, CONTRIBUTING and docs/ say what is so; `make lint` checks their links and commands."""

import re
import subprocess

import pytest

from workshop import ROOT
from workshop.base.commands import ALL, places
from workshop.harness.clients import CLIENTS, events

DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/after.md",
    "docs/by-hand.md",
    "docs/facilitating.md",
    "docs/glossary.md",
    "docs/maintaining.md",
    "docs/monday.md",
    *sorted(file.relative_to(ROOT).as_posix() for file in (ROOT / "docs" / "patterns").glob("*.md")),
    "docs/running.md",
    "docs/signs.md",
    "docs/testing.md",
    "docs/tour.md",
    "tests/behaviour/README.md",
]
MAKEFILE = (ROOT / "Makefile").read_text()
FRONT, OLD = (set(re.search(rf"^{name} := (.*)", MAKEFILE, re.MULTILINE)[1].split()) for name in ("FRONT", "OLD"))
EXPLAINED = set(re.findall(r"^([a-z][a-z0-9-]*):.*## \S", MAKEFILE, re.MULTILINE))


def text_of(document):
    """The page without the comments of its excerpts: make lint compares these with the files that they name."""
    return re.sub("<!-- code: .* -->", "", (ROOT / document).read_text(encoding="utf-8"))


def test_the_readme_names_commands_to_check():
    assert {"demo", "test"} <= set(re.findall(r"(?:^|`)make ([a-z][a-z0-9-]*)", text_of("README.md"), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_file_that_a_document_names_exists(document):
    named = re.findall(r"(?<![\w/])tests/[\w/]+\.py", text_of(document))

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_table_of_settings_has_what_the_server_reads():
    read = {
        name
        for stage in ("before", "after")
        for name in re.findall(r'(?:environ\.get|flag)\("([A-Z_]+)"', (ROOT / stage / "config/settings.py").read_text())
    }
    table = text_of("docs/by-hand.md").partition("## Settings")[2]

    assert len(read) > 10
    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)) == read


def test_the_readme_s_map_names_only_what_is_here():
    block = text_of("README.md").split("## The tree")[1].split("```")[1]
    named, folder = [], ""
    for line in block.strip().splitlines():
        name = line.split()[0]
        folder = folder if line.startswith(" ") else name
        named.append(folder + name if line.startswith(" ") else name)

    assert "before/webhooks/" in named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_make_s_help_lists_the_commands_of_the_card_and_no_others():
    assert EXPLAINED == FRONT


@pytest.mark.parametrize("name", sorted(OLD))
def test_a_make_command_of_old_is_a_command_of_ws_and_says_so(name):
    planned = subprocess.run(["make", "--dry-run", name], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    told, called = planned.splitlines()

    assert told.endswith(f"is the new name of make {name}.' >&2")
    assert called.split()[0] == "./ws"
    assert called.split()[1] in places(ALL)


def test_every_command_needs_nothing_but_itself():
    needy = re.findall(r"^([a-z][a-z0-9-]*):(?! setup| *.*=)[^\n]*\n[^\n]*WORKSHOP", MAKEFILE, re.M)

    assert needy == []


def test_the_readme_counts_the_demo_s_events_and_clients_right():
    text = " ".join(text_of("README.md").split())

    assert f"posts {len(events())} events" in text
    assert "nine clients" in text
    assert len(CLIENTS) == 9
