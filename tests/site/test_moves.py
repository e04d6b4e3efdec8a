"""What the Road shows of two commits is what git says: which lines differ, and which of them have only moved."""

import re
import subprocess
from itertools import pairwise

import pytest

from workshop.base.names import STAGES
from workshop.base.road import road
from workshop.maintaining.site import moves
from workshop.maintaining.site.road import way

NEIGHBOURS = list(pairwise(STAGES[:-1]))


@pytest.fixture(scope="module")
def walked():
    return way(road())


@pytest.fixture(scope="module")
def files(walked, data):
    """The lines of a file at a commit, without colours."""
    index = data("index")

    def read(commit, path):
        version = None
        for changed in index["commits"][: commit + 1]:
            version = changed["files"].get(str(index["paths"].index(path)), version)
        if version is None or version < 0:
            return []
        kept = data(f"f{index['paths'].index(path)}")
        runs = kept["versions"][version]
        lines = [line for at in range(0, len(runs), 2) for line in kept["lines"][runs[at] : runs[at] + runs[at + 1]]]
        return [plain(line) for line in lines]

    return read


def plain(html):
    text = re.sub("<[^>]*>", "", html)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def moved_by_git(git, old, new):
    """The moved lines as git colours them with its colours by default: bold magenta and bold cyan, by file and number."""
    called = git.command(
        *("diff", "-M", "--unified=0", "--color=always", "--no-ext-diff", "--no-textconv", "--ws-error-highlight=none"),
        *("--color-moved=blocks", "--color-moved-ws=allow-indentation-change", old, new),
    )
    printed = subprocess.run(called, cwd=git.folder, env=git.environment(), capture_output=True, text=True, check=True)
    found, at, name = {"-": set(), "+": set()}, {}, {}
    for line in printed.stdout.split("\n"):
        text = re.sub(r"\x1b\[[\d;]*m", "", line)
        is_content = re.match(r"\x1b\[(1;35|1;36|1;34|1;33|31|32)m[-+]", line)
        if hunk := re.match(r"@@ -(\d+)(?:,\d+)? \+(\d+)", text):
            at = {"-": int(hunk[1]), "+": int(hunk[2])}
        elif not is_content and text.startswith(("--- ", "+++ ")):
            name[text[0]] = re.sub(r"^[ab]/", "", text[4:])
        elif is_content:
            if is_content[1].startswith("1;"):
                found[text[0]].add((name[text[0]], at[text[0]]))
            at[text[0]] += 1
    return found


@pytest.mark.parametrize(("old", "new"), NEIGHBOURS)
def test_the_moved_lines_of_a_step_are_those_that_git_calls_moved(walked, data, old, new):
    paths = data("index")["paths"]
    pair = data(f"p{walked.stages[old]}-{walked.stages[new]}")

    shown = {"-": set(), "+": set()}
    for file in pair:
        for sign, key, name in (("+", "from", file["path"]), ("-", "to", file.get("old", file["path"]))):
            shown[sign] |= {(paths[name], first + n) for first, many, _, _ in file.get(key, []) for n in range(many)}

    assert shown == moved_by_git(walked.git, walked.commits[walked.stages[old]], walked.commits[walked.stages[new]])


def test_the_road_has_moved_lines_to_show(walked, data):
    last = data(f"p{walked.stages['step-09']}-{walked.stages['step-10']}")

    added = sum(file.get("added", 0) for file in last)
    moved = sum(many for file in last for _, many, _, _ in file.get("from", []))

    assert moved > added / 2


@pytest.mark.parametrize(("old", "new"), [*NEIGHBOURS, ("before", "step-10")])
def test_the_hunks_make_the_new_file_of_the_old_one(walked, data, files, old, new):
    first, last = walked.stages[old], walked.stages[new]
    paths = data("index")["paths"]

    for file in data(f"p{first}-{last}"):
        before, after = files(first, paths[file.get("old", file["path"])]), files(last, paths[file["path"]])
        made, at = [], 0
        for old_first, old_many, new_first, new_many in file.get("hunks", []):
            start = old_first - 1 if old_many else old_first
            made += before[at:start] + after[new_first - 1 : new_first - 1 + new_many] * bool(new_many)
            at = start + old_many
        if file["kind"] != "removed":
            assert made + before[at:] == after, paths[file["path"]]


@pytest.mark.parametrize(("old", "new"), NEIGHBOURS)
def test_a_moved_piece_has_the_same_words_at_its_other_place(walked, data, files, old, new):
    first, last = walked.stages[old], walked.stages[new]
    paths = data("index")["paths"]

    for file in data(f"p{first}-{last}"):
        here = files(last, paths[file["path"]])
        for at, many, other, line in file.get("from", []):
            if other < 0:
                assert here[at - 1 : at - 1 + many] == [""] * many
                continue
            there = files(first, paths[other])[line - 1 : line - 1 + many]
            assert [text.strip() for text in here[at - 1 : at - 1 + many]] == [text.strip() for text in there]


def test_every_line_of_every_stage_is_git_s(walked, data, files):
    for name in ("before", "step-05", "step-10"):
        commit = walked.stages[name]
        for path in walked.git("ls-tree", "-r", "--name-only", walked.commits[commit]).splitlines():
            text = walked.git.raw("cat-file", "blob", f"{walked.commits[commit]}:{path}").decode()
            assert files(commit, path) == text.split("\n")[: -1 if text.endswith("\n") else None] or not text


def test_a_line_that_looks_like_a_header_is_content(tmp_path):
    from workshop.base import git as gits

    git = gits.begin(tmp_path)
    for text in ("one\n-- two\n++ three\n", "one\n"):
        (tmp_path / "notes.txt").write_text(text)
        git("add", "--all")
        git("commit", "--quiet", "--message=x")

    (found,) = moves.diff(git, "HEAD^", "HEAD")

    assert [(line.sign, line.number, line.text) for line in found.lines] == [("-", 2, "-- two"), ("-", 3, "++ three")]
