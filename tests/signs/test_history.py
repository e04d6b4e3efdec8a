"""The cost of a finding, from the project's own history; and the new findings of a branch."""

import json
import os
import subprocess

import pytest

from django_signs.command import examine, main
from django_signs.options import Options

DAY = 86400
START = 1_700_000_000


class Repository:
    """A git repository whose commits have the dates that a test wants, whatever the git settings here."""

    def __init__(self, small):
        self.small = small
        self.folder = small.folder
        self.folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments, day=0):
        date = f"{START + day * DAY} +0000"
        names = {f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        settings = {**os.environ, **names, **dates, **own}
        subprocess.run(["git", *arguments], cwd=self.folder, env=settings, check=True, capture_output=True)

    def commit(self, subject, day):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", subject, day=day)


@pytest.fixture
def repository(small):
    return Repository(small)


def decide(small, name, members):
    branches = "\n".join(
        f"    if payment.method == '{member}':\n        return {n}" for n, member in enumerate(members)
    )
    small.write(f"shop/{name}.py", f"def {name}(payment):\n{branches}\n")


def test_a_set_says_how_many_files_its_last_members_touched_and_what_was_missed(repository):
    small = repository.small
    for name in ("fees", "mails", "exports"):
        decide(small, name, ["card", "invoice", "voucher"])
    repository.commit("Sell things", day=0)
    small.write("shop/other.py", "x = 1\n")
    repository.commit("Four years later", day=1500)
    for name in ("fees", "mails"):
        decide(small, name, ["card", "invoice", "voucher", "klarna"])
    repository.commit("Take Klarna", day=1600)
    decide(small, "exports", ["card", "invoice", "voucher", "klarna"])
    repository.commit("Export Klarna too", day=1605)
    for name in ("fees", "mails", "exports"):
        decide(small, name, ["card", "invoice", "voucher", "klarna", "twint"])
    repository.commit("Take Twint", day=1700)

    finding = examine(repository.folder, Options(), with_history=True).findings[0]

    assert finding.costs == [
        "the last 2 new members touched 2 and 3 application files. Next one: about 2.5.",
        "2028-04 klarna: 1 more file in the two weeks after, missed at first",
    ]


def test_a_hard_function_is_shown_where_its_file_changes_and_not_where_it_is_cold(repository):
    small = repository.small
    body = "".join(f"{'    ' * n}if order[{n}]:\n" for n in range(1, 10)) + "    " * 10 + "return 1\n"
    for name in ("hot", "cold"):
        small.write(f"shop/{name}.py", f"def {name}(order):\n{body}")
    for day in range(9):
        (repository.folder / "shop" / "hot.py").write_text(f"def hot(order):\n{body}# {day}\n", encoding="utf-8")
        repository.commit(f"Change {day}", day)

    report = examine(repository.folder, Options(), with_history=True)

    assert [finding.name for finding in report.findings] == ["shop.hot.hot"]
    assert [left.what for left in report.left] == ["cold()"]


def test_a_file_that_was_moved_keeps_its_history(repository):
    small = repository.small
    text = "from django.db import transaction\n\n@transaction.atomic\ndef pay(order):\n    tell.delay(order)\n"
    for day in range(3):
        small.write("old/pay.py", f"{text}# {day}\n")
        repository.commit("Pay", day)
    (repository.folder / "shop").mkdir()
    repository.git("mv", "old/pay.py", "shop/pay.py")
    repository.commit("Move", day=4)

    finding = examine(repository.folder, Options(), with_history=True).findings[0]

    assert finding.costs == ["its file changed 3 times in three years, number 1 of 2 files"]


def test_without_history_the_report_says_so_and_is_there(small):
    small.write("shop/models.py", "from django.db import models\n\nclass Order(models.Model): ...\n")

    report = examine(small.folder, Options(), with_history=True)

    assert report.history is None
    assert report.no_history


def too_early(name):
    return f"from django.db import transaction\n\n@transaction.atomic\ndef {name}(order):\n    tell.delay(order)\n"


def test_since_shows_only_what_the_branch_adds_and_ends_with_status_1(repository, capsys):
    small = repository.small
    small.write("shop/old.py", too_early("old"))
    repository.commit("Old trouble", day=0)
    repository.git("checkout", "-q", "-b", "branch")
    small.write("shop/old.py", "# one line more\n" + too_early("old"))
    unchanged = main([str(repository.folder), "--since", "main", "--json"])
    capsys.readouterr()
    small.write("shop/new.py", too_early("new"))

    status = main([str(repository.folder), "--since", "main", "--json"])

    found = json.loads(capsys.readouterr().out)
    assert (unchanged, status) == (0, 1)
    assert [finding["name"] for finding in found["findings"]] == ["shop.new.new"]
    assert len(found["known"]) == 1


def test_since_a_revision_that_nobody_knows_ends_with_a_sentence(repository, capsys):
    repository.small.write("shop/new.py", "x = 1\n")
    repository.commit("Begin", day=0)

    status = main([str(repository.folder), "--since", "nowhere"])

    assert status == 2
    assert "git knows no nowhere" in capsys.readouterr().err


def test_a_baseline_sets_known_findings_aside(small, tmp_path, capsys):
    known = tmp_path / "signs.json"
    small.write("shop/old.py", too_early("old"))
    assert main([str(small.folder), "--write-baseline", str(known)]) == 0
    assert main([str(small.folder), "--baseline", str(known)]) == 0
    small.write("shop/new.py", too_early("new"))

    assert main([str(small.folder), "--baseline", str(known)]) == 1
    assert main([str(small.folder), "--baseline", str(tmp_path / "none.json")]) == 2
    assert "--write-baseline" in capsys.readouterr().err
