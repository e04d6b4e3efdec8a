"""The change requests: their catalogue, the counting of a change, and the scorecard's tables."""

import json

import pytest
from click.testing import CliRunner

from workshop import ROOT
from workshop.base import git
from workshop.base.problems import CommandFailed
from workshop.base.road import road
from workshop.commands.requests import request as command
from workshop.maintaining.scorecard import carry, cells, forgotten, noticed, proof, report, tables
from workshop.walk.requests import trying
from workshop.walk.requests.catalogue import RUNGS, Request, request, requests, tree_of
from workshop.walk.requests.cost import cost, hunks, layer_of
from workshop.walk.walk import Walk

OLD = {
    "webhooks/models.py": '"""Tables."""\n\n\nclass Client:\n    """A client."""\n\n    name = 1\n\n    def show(self):\n'
    "        return self.name\n",
    "webhooks/views.py": "def page():\n    return 1\n",
    "tests/fakes/clients.py": "class FakeClients:\n    pass\n",
}


@pytest.fixture
def repository(tmp_path):
    return git.begin(tmp_path / "repository")


def committed(repository, files):
    """The tree with these files, and no others."""
    for path in repository("ls-files").splitlines():
        (repository.folder / path).unlink()
    for path, text in files.items():
        (repository.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (repository.folder / path).write_text(text)
    repository("add", "--all", ".")
    return repository("write-tree")


def test_a_change_of_words_alone_costs_a_file_and_no_line_and_no_place(repository):
    old = committed(repository, OLD)
    new = committed(repository, OLD | {"webhooks/models.py": OLD["webhooks/models.py"].replace("A client.", "One.")})

    found = cost(repository, old, new)

    assert (found.files, found.hunks, found.lines, found.places) == (1, 1, 0, 0)


def test_a_change_is_counted_by_definition_layer_and_line_without_prose(repository):
    changed = OLD["webhooks/models.py"].replace("name = 1", "name = 1\n    mail = None  # may be empty")
    files = {
        "webhooks/models.py": changed.replace("return self.name", "return self.name, self.mail"),
        "webhooks/migrations/0002_mail.py": "class Migration:\n    pass\n",
        "webhooks/mails.py": '"""Mails."""\n\n\ndef send():\n    return 2\n',
        "tests/fakes/clients.py": "class FakeClients:\n    mail = None\n",
        "tests/test_mails.py": "def test_a_mail():\n    assert True\n",
    }
    old = committed(repository, OLD)

    found = cost(repository, old, committed(repository, OLD | files))

    assert (found.files, found.hunks, found.new_files) == (1, 2, 1)
    assert found.lines == 1 + 2 + 2  # a field; a changed line, which is one away and one new; a new function
    assert found.places == 3  # the class, its method, the new function
    assert found.layers == ("migrations", "tables", "rules")
    assert (found.test_files, found.test_lines, found.doubles) == (1, 4, 1)


def test_a_moved_file_costs_no_line(repository):
    old = committed(repository, OLD)
    moved = {path: text for path, text in OLD.items() if path != "webhooks/models.py"}

    found = cost(repository, old, committed(repository, moved | {"webhooks/orm/models.py": OLD["webhooks/models.py"]}))

    assert (found.lines, found.places, found.new_files) == (0, 0, 0)


def test_each_hunk_can_be_left_out_alone(repository):
    old = committed(repository, OLD)
    text = OLD["webhooks/models.py"].replace("name = 1", "name = 2").replace("return self.name", "return 3")
    new = committed(repository, OLD | {"webhooks/models.py": text})

    first, second = hunks(repository, old, new, ["webhooks/models.py"])

    without_first = repository.applied(new, first.encode(), "--reverse", "--unidiff-zero")
    left = repository("cat-file", "blob", f"{without_first}:webhooks/models.py")
    assert ("name = 1" in left, "return 3" in left) == (True, True)
    assert "return 3" in second


@pytest.mark.parametrize(
    ("path", "layer"),
    [
        ("clients/models.py", "tables"),
        ("webhooks/adapters/orm/clients.py", "tables"),
        ("clients/migrations/0002_x.py", "migrations"),
        ("webhooks/application/ports/clients.py", "ports"),
        ("webhooks/application/change_client.py", "use cases"),
        ("webhooks/domain/client.py", "rules"),
        ("webhooks/masking.py", "rules"),
        ("webhooks/adapters/api/views.py", "API"),
        ("clients/views.py", "API"),
        ("webhooks/adapters/sender.py", "other adapters"),
        ("config/settings.py", "wiring"),
    ],
)
def test_each_file_has_a_layer(path, layer):
    assert layer_of(path) == layer


def test_a_request_is_found_by_its_number_its_name_or_a_part_of_it():
    assert request("13").name == request("13-contact-email").name == request("contact").name == "13-contact-email"


@pytest.mark.parametrize("written", ["99", "nothing-like-it", "", "a-"])
def test_another_name_is_refused_with_the_list_of_requests(written):
    with pytest.raises(CommandFailed, match="13-contact-email"):
        request(written)


def test_every_request_has_a_page_tests_and_whole_notes():
    for each in requests():
        assert each.title
        assert "## The request" in each.text
        assert "## Exactly" in each.text
        assert each.tests.is_file(), f"{each.name} has no black-box tests"
        for rung in each.rungs:
            notes = each.notes(rung)
            assert notes is not None, f"{each.name} has no notes on {rung}"
            assert notes.minutes > 0


def test_the_tests_that_a_request_replaces_are_in_the_shared_suite():
    for each in requests():
        for test in cells.replaced(each):
            file, _, name = test.partition("::")
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{each.name} replaces {test}"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"before": 10, "registry": 20, "core": 20}, "before"),
        ({"before": 10, "registry": 11, "services": 30, "core": 10, "hexagon": 30}, "before to registry, core"),
        ({"before": 10, "hexagon": 10}, "no difference"),
        ({"before": 0, "hexagon": 3}, "before"),
        ({"before": 3}, "–"),
        ({"before": None, "hexagon": None}, "–"),
    ],
)
def test_the_winner_is_said_in_words(values, said):
    assert tables.best(values) == said


def test_a_table_shows_a_figure_for_each_rung(tmp_path):
    folder = tmp_path / "steps" / "requests" / "13-mail"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("# Request 13: a mail\n")
    figures = {"13-mail": {"before": {"files": 2}, "core": {"files": 1}}}

    table = report.of_measure("files", figures, [Request(folder)])

    assert table.splitlines()[-1] == "| 13 a mail | 2 | – | – | 1 | – | core |"


def test_a_marker_that_asks_for_no_table_is_refused():
    with pytest.raises(CommandFailed, match="medians"):
        report.wanted("nonsense")


def test_a_line_more_in_a_patch_is_noticed(monkeypatch):
    kept = report.kept()
    name = next(name for name, rungs in kept.items() if rungs)
    rung = next(iter(kept[name]))
    changed = json.loads(json.dumps(kept))
    changed[name][rung]["lines"] += 1
    monkeypatch.setattr(report, "requests", lambda root=ROOT: [request(name)])  # `make lint` counts them all
    monkeypatch.setattr(report, "kept", lambda root=ROOT: {name: changed[name]})

    assert "is not what is counted now" in str(next(report.tables_are_true()))


def test_a_patch_without_its_own_tests_changes_no_test():
    cell = cells.cells(requests())[0]
    laid = road(ROOT)

    tree = cells.changed(laid, cell, production_only=True)

    assert cost(laid.git, tree_of(cell.rung), tree).test_lines == 0


def test_a_patch_for_another_stage_does_not_apply(tmp_path):
    other = tmp_path / "13-contact-email"
    other.mkdir()
    (other / "before.patch").write_bytes(request("13").patch("hexagon").read_bytes())

    with pytest.raises(cells.DoesNotApply, match="does not apply to before"):
        cells.changed(road(ROOT), cells.Cell(Request(other), "before"))


def test_what_notices_a_forgotten_place_is_named(monkeypatch):
    cell, laid = cells.cells([request("13")], "before")[0], road(ROOT)
    monkeypatch.setattr(proof, "lint_problems", lambda stage, layout: iter(()))
    monkeypatch.setattr(proof, "runs", lambda cell, stage, kinds: pytest.fail("lint was not asked first"))
    monkeypatch.setattr(forgotten, "_reads", lambda stage: False)

    noticed = {name for _, name in forgotten.forgotten(laid, cell)}

    assert noticed == {"lint"}


def test_an_answer_that_lint_rejects_is_not_measured(monkeypatch):
    cell, laid = cells.cells([request("13")], "before")[0], road(ROOT)
    monkeypatch.setattr(proof, "lint_problems", lambda stage, layout: iter(["ruff check: No module named ruff"]))

    with pytest.raises(CommandFailed, match="must pass lint first: ruff check: No module named ruff"):
        list(forgotten.forgotten(laid, cell))


@pytest.mark.parametrize(
    ("red", "noticed"),
    [((), "nothing"), (("the request's",), "the request's tests"), (("own", "the request's"), "own tests")],
)
def test_tests_that_are_red_without_a_place_have_noticed_it(monkeypatch, red, noticed):
    cell, laid = cells.cells([request("13")], "before")[0], road(ROOT)
    monkeypatch.setattr(proof, "lint_problems", lambda stage, layout: iter(()))

    def is_green(folder, arguments):
        return ("the request's" if folder == ROOT else "own") not in red

    monkeypatch.setattr(forgotten, "_is_green", is_green)

    found = forgotten.counts(laid, cell, sample=1)

    assert found == dict.fromkeys(forgotten.NOTICED, 0) | {noticed: 1}


def test_a_larger_sample_contains_a_smaller_one(monkeypatch):
    cell, laid = cells.cells([request("13")], "hexagon")[0], road(ROOT)
    monkeypatch.setattr(proof, "lint_problems", lambda stage, layout: iter(()))
    monkeypatch.setattr(forgotten, "_reads", lambda stage: False)

    two, five = ([file for file, _ in forgotten.forgotten(laid, cell, sample)] for sample in (2, 5))

    assert len(five) == 5 and two == five[:2]


def test_a_share_of_a_sample_is_shown_with_its_interval():
    one = {f"forgotten.{name}": count for name, count in zip(forgotten.NOTICED, (4, 3, 2, 1), strict=True)}
    half_measured = {"before": one}
    whole = dict.fromkeys(RUNGS, one)

    shown = noticed.noticed_first({request("13").name: whole, request("14").name: half_measured}, requests())

    assert "noticed first by (1 request)" in shown
    assert "| places left out | 10 | 10 | 10 | 10 | 10 | 50 |" in shown
    assert "| nothing | 1 = 10 % (2–40) |" in shown  # Wilson's interval of 1 of 10 is 0.018 to 0.404


def test_a_changed_stage_takes_its_patches_along():
    laid = road(ROOT)
    cell = cells.cells([request("13")], "before")[0]
    old = laid.git("rev-parse", tree_of("before"))
    readme = laid.git("hash-object", "-w", "--stdin", given="new\n")
    entries = laid.git("ls-tree", old).splitlines()
    new = laid.git("mktree", given="\n".join([*entries, f"100644 blob {readme}\tNEW.txt"]) + "\n")

    merged = carry._merged(laid.git, new, old, cells.changed(laid, cell))

    assert cost(laid.git, new, merged) == cost(laid.git, old, cells.changed(laid, cell))
    assert "NEW.txt" in laid.git("ls-tree", "--name-only", merged)


def test_names_of_objects_are_no_change_of_a_patch():
    patch = request("13").patch("before").read_bytes()

    renamed = patch.replace(b"index 7c2f3ad..868ec75", b"index 7c2f3ad0000..868ec750000")

    assert renamed != patch
    assert (
        carry._changes(renamed) == carry._changes(patch) != carry._changes(patch.replace(b"null=True", b"null=False"))
    )


def test_a_conflict_names_its_files():
    laid = road(ROOT)
    cell = cells.cells([request("13")], "before")[0]
    old = laid.git("rev-parse", tree_of("before"))
    patched = cells.changed(laid, cell)
    blob = laid.git("hash-object", "-w", "--stdin", given="another text\n")
    below = laid.git("ls-tree", f"{old}:clients").splitlines()
    clients = laid.git(
        "mktree",
        given="\n".join(f"100644 blob {blob}\tmodels.py" if line.endswith("\tmodels.py") else line for line in below)
        + "\n",
    )
    entries = laid.git("ls-tree", old).splitlines()
    new = laid.git(
        "mktree",
        given="\n".join(f"040000 tree {clients}\tclients" if line.endswith("\tclients") else line for line in entries)
        + "\n",
    )

    with pytest.raises(CommandFailed, match=r"clients/models\.py"):
        carry._merged(laid.git, new, old, patched)


def test_the_list_names_every_request():
    said = CliRunner().invoke(command, []).output

    assert all(each.title in said for each in requests())


def test_a_dealt_request_is_checked_where_it_was_dealt(tmp_path, monkeypatch):
    monkeypatch.setenv("WS_WORK", str(tmp_path / "work"))
    walk = Walk(ROOT, tmp_path / "walk")

    chosen, arrival = trying.deal("13", "before", walk)

    assert (chosen.number, arrival.stage) == (13, RUNGS["before"])
    assert trying.in_hand(walk) == (chosen, "before")
    walk.go("1")
    with pytest.raises(CommandFailed, match="walk/ is not at before any longer"):
        trying.in_hand(walk)


def test_your_change_stands_next_to_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("WS_WORK", str(tmp_path / "work"))
    walk = Walk(ROOT, tmp_path / "walk")
    chosen, _ = trying.deal("13", "before", walk)
    ours = chosen.patch("before").read_bytes()
    walk.git("apply", "--whitespace=nowarn", "-", given=ours)

    found = trying.compared(chosen, "before", walk)

    assert list(found) == ["you", *chosen.rungs]
    assert found["you"] == found["before"]


def test_without_a_request_the_check_says_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setenv("WS_WORK", str(tmp_path / "work"))

    with pytest.raises(CommandFailed, match=r"\./ws request 13"):
        trying.in_hand(Walk(ROOT, tmp_path / "walk"))
