"""Small mistakes: their kinds, their places, and the tests that notice them."""

from pathlib import Path

import pytest

from workshop.base.stages import Stage, stage
from workshop.maintaining.kill_rate import run
from workshop.maintaining.kill_rate.mutate import mutants_of, planted
from workshop.maintaining.kill_rate.sides import DOMAIN_FIRST, FAT_MODELS, Side, modules_of, side_of

PRICES = '''\
"""Prices."""
LIMIT = 10


def total(price, quantity=1):
    """The sum."""
    if price < LIMIT and not quantity == 0:
        return price * quantity
    return None


def untested():
    return "nobody asks"


def stored(price):
    return price + 1


def wait():
    while False:
        pass
    return "over"
'''
TESTS = '''\
import pytest
from prices import total, stored, wait


@pytest.fixture
def db():
    """What needs a database asks for it by this name."""


def test_totals():
    assert [total(2, 3), total(9), total(10, 1), total(1, 0)] == [6, 9, None, None]


def test_what_is_stored(db):
    assert stored(1) == 2


def test_the_wait_ends():
    assert wait() == "over"
'''


@pytest.fixture
def toy(tmp_path):
    """A stage of one module, with tests one of which needs a database."""
    (tmp_path / "prices.py").write_text(PRICES)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_prices.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    return Stage("toy", tmp_path)


SIDE = Side(rules=("prices.py",), tests=("tests",), options=("-pno:django",))


def changes(source):
    return {mutant.change for mutant in mutants_of("prices.py", source)}


@pytest.mark.parametrize(
    "source, made",
    [
        ("a < b", {"a < b -> a <= b"}),
        ("a is not None", {"a is not None -> a is None"}),
        ("a in b", {"a in b -> a not in b"}),
        ("a <= b < c", {"a <= b < c -> a < b < c", "a <= b < c -> a <= b <= c"}),
        ("a and b", {"a and b -> a or b"}),
        ("not a", {"not a -> a"}),
        ("a + b", {"a + b -> a - b"}),
        ("a * b", {"a * b -> a / b"}),
        ("x = 7", {"7 -> 8", "7 -> 6"}),
        ("x = True", {"True -> False"}),
        ("x = 'a'", {"'a' -> 'a~'"}),
        ("x = b'a'", {"b'a' -> b'a~'"}),
        ("x = a if b else c", {"a if b else c -> c if b else a"}),
        ("min(a, b)", {"min(a, b) -> max(a, b)", "min(a, b) -> pass"}),
        ("ring(a)", {"ring(a) -> pass"}),
        ("if a:\n    b", {"if a: -> if not a:"}),
        ("def f():\n    return a", {"return a -> return None"}),
        ("def f(a=True):\n    return None", {"True -> False"}),
    ],
)
def test_mistakes_are_small(source, made):
    assert changes(source) == made


@pytest.mark.parametrize(
    "source",
    [
        "'''A docstring.'''",
        "import a",
        "def f(a: 'b') -> 'c':\n    '''Says.'''",
        "log.info('said', a=1)",
        "__all__ = ['a']",
        "class A:\n    class Meta:\n        b = 1",
        "name = models.CharField(max_length=3)",
        "@decorated(1)\ndef f(): pass",
        "return_none = None",
    ],
)
def test_what_is_no_rule_is_left_alone(source):
    assert changes(source) == set()


def test_every_mistake_has_a_name_of_its_own_that_says_where_it_is():
    mutants = mutants_of("prices.py", PRICES + "\n\nPAIR = (1, 1)\n")

    names = [mutant.name for mutant in mutants]
    assert len(set(names)) == len(names)
    assert "prices.py: total: price < LIMIT -> price <= LIMIT" in names
    assert "prices.py: : 1 -> 2 #2" in names


def test_a_planted_module_differs_by_its_mistake_alone():
    (mutant,) = [
        mutant for mutant in mutants_of("prices.py", PRICES) if mutant.change.startswith("price * quantity ->")
    ]
    honest, wrong = {}, {}

    exec(PRICES, honest)
    exec(planted(mutant, PRICES, "prices.py"), wrong)

    assert (honest["total"](8, 2), wrong["total"](8, 2)) == (16, 4)
    assert honest["stored"](1) == wrong["stored"](1)


def test_every_mutant_of_the_rules_can_be_planted():
    for name in ("before", "after"):
        target = stage(name)
        for mutant in run.possible_mutants(target, side_of(target))[::25]:
            planted(mutant, (target.folder / mutant.path).read_text(), mutant.path)


def verdicts(toy, *functions):
    """The verdicts on the mutants of these functions, by what was changed."""
    possible = [mutant for mutant in run.possible_mutants(toy, SIDE) if mutant.function in functions]
    return {trial.mutant.name.removeprefix("prices.py: "): trial for trial in run.trials(toy, SIDE, possible)}


def test_who_notices_what(toy):
    told = verdicts(toy, "", "total", "stored", "untested")

    for noticed in ("total: price < LIMIT -> price <= LIMIT", ": 10 -> 11", "total: 1 -> 2"):
        assert told[noticed].killed and told[noticed].killed_without_database, noticed
    stored = told["stored: price + 1 -> price - 1"]
    assert stored.killed and not stored.killed_without_database
    assert not told["untested: return 'nobody asks' -> return None"].killed


def test_a_mistake_that_never_ends_is_noticed(toy, monkeypatch):
    monkeypatch.setenv("KILL_RATE_SECONDS", "3")

    endless = verdicts(toy, "wait")["wait: while False: -> while not False:"]

    assert endless.killed


def test_red_tests_prove_nothing(toy):
    path = toy.folder / "tests" / "test_prices.py"
    path.write_text(TESTS + "\n\ndef test_red():\n    assert False\n")

    with pytest.raises(run.CommandFailed, match=r"mutants of toy cannot be tried[\s\S]*test_red[\s\S]*Fix that first"):
        verdicts(toy, "total")


def test_a_seed_draws_the_same_sample_again(toy):
    possible = run.possible_mutants(toy, SIDE)

    drawn = run.sample(possible, 5, seed=3)

    assert run.sample(possible, 5, seed=3) == drawn != run.sample(possible, 5, seed=4)
    assert len(drawn) == 5
    assert len(run.sample(possible, 999, seed=3)) == len(possible)
    assert {mutant.function for mutant in run.sample(possible, 999, seed=3, only="stored")} == {"stored"}


def test_the_list_of_equivalent_mutants_has_a_reason_for_each_and_does_not_rot(toy, tmp_path):
    possible, listed = run.possible_mutants(toy, SIDE), tmp_path / "equivalent.toml"
    listed.write_text(f'[toy]\n"{possible[0].name}" = "nobody can tell"\n')
    assert run.equivalents(toy, possible, listed) == {possible[0].name: "nobody can tell"}

    listed.write_text('[toy]\n"prices.py: gone: 1 -> 2" = "there was one"\n')
    with pytest.raises(run.CommandFailed, match="gone"):
        run.equivalents(toy, possible, listed)


def test_the_list_of_this_repository_names_mutants_that_there_are():
    for name in ("before", "after"):
        target = stage(name)
        reasons = run.equivalents(target, run.possible_mutants(target, side_of(target)))
        assert all(len(reason) > 20 for reason in reasons.values())


def test_each_side_has_rules_and_tests():
    assert (side_of(stage("before")), side_of(stage("after"))) == (FAT_MODELS, DOMAIN_FIRST)
    assert Path("webhooks/models.py") in modules_of(stage("before"), FAT_MODELS)
    assert Path("webhooks/domain/formats/csv.py") in modules_of(stage("after"), DOMAIN_FIRST)


def test_a_rate_counts_and_knows_its_floor():
    (mutant, *_) = mutants_of("prices.py", PRICES)
    rate = run.Rate("toy", [run.Verdict(mutant, True, number < 19) for number in range(20)])

    assert (rate.killed, rate.killed_without_database, rate.total) == (20, 19, 20)
    assert rate.reaches(0.95) and not rate.reaches(0.96)


def test_the_trials_need_no_database_that_a_shell_names(toy, monkeypatch):
    (toy.folder / "tests" / "test_environment.py").write_text(
        "import os\ndef test_it(): assert 'DATABASE_URL' not in os.environ\n"
    )
    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere")

    assert verdicts(toy, "stored")
