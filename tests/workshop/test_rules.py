"""The table of rules in docs/after.md: each rule has one place in the domain, and the named test fails when it is wrong."""

import ast
import json
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from workshop import ROOT
from workshop.base import environment

AFTER = ROOT / "after"
DOMAIN = "webhooks/domain"
RULES = tomllib.loads((ROOT / "docs" / "rules.toml").read_text(encoding="utf-8"))["rule"]
# pytest's exit code when a test fails; a test that is not found, or a module that does not load, has another.
FAILED = 1
PLANTING = Path(__file__).with_name("planting.py")


def path_of(rule):
    return f"{DOMAIN}/{rule['place'].partition(': ')[0]}"


def named_test(rule):
    return f"tests/domain/{rule['test']}"


def job_of(rule):
    place, _ = source_of(rule)
    wrong = place.replace(rule["right"], rule["wrong"])
    return {"path": path_of(rule), "right": place, "wrong": wrong, "test": named_test(rule)}


def outcomes(jobs):
    """pytest's exit code for each job."""
    done = subprocess.run(
        [sys.executable, str(PLANTING)],
        cwd=AFTER,
        env=environment.made() | {"PYTHONPATH": str(ROOT)},
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return [int(code) for code in done.stdout.split()]


def source_of(rule):
    """The text of the function, method or assignment that a rule names as its place."""
    module = (AFTER / path_of(rule)).read_text(encoding="utf-8")
    name, body = rule["place"].partition(": ")[2], ast.parse(module).body
    for part in name.split("."):
        (found,) = [node for node in body if part in names_of(node)]
        body = getattr(found, "body", [])
    return ast.get_source_segment(module, found), module


def names_of(node):
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign():
            return [target.id for target in node.targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["rule"])
def test_a_rule_is_where_the_table_says(rule):
    place, module = source_of(rule)

    assert (place.count(rule["right"]), module.count(place)) == (1, 1)


@pytest.mark.timeout(900)
def test_each_named_test_fails_when_its_rule_is_wrong():
    jobs = [job_of(rule) for rule in RULES]

    codes = outcomes(jobs)

    assert [(rule["rule"], code) for rule, code in zip(RULES, codes, strict=True) if code != FAILED] == []


def test_the_named_tests_pass_as_long_as_nothing_is_wrong():
    tests = " ".join(dict.fromkeys(named_test(rule) for rule in RULES))

    assert outcomes([{"test": tests}]) == [0]


def test_each_rule_is_listed_once():
    times = Counter(rule["rule"] for rule in RULES)

    assert [rule for rule, count in times.items() if count > 1] == []


def test_the_page_has_the_table():
    head = ["| rule | place in `domain/` | test that fails when the place is wrong |", "| --- | --- | --- |"]
    rows = [f"| {rule['rule']} | `{rule['place']}` | `{rule['test'].partition('::')[2]}` |" for rule in RULES]
    table = "\n".join([*head, *rows])

    assert table in (ROOT / "docs" / "after.md").read_text(encoding="utf-8")
