import shutil

import labs
import pytest
import small_road
import taking

from workshop.walk.walk import Walk


@pytest.fixture(scope="session")
def finished_workshop(tmp_path_factory):
    root = small_road.make_workshop(tmp_path_factory.mktemp("made") / "workshop")
    Walk(root, root / "walk").lay_out()
    return root


@pytest.fixture
def workshop(finished_workshop, tmp_path):
    """A road of three steps in a folder whose name has a space, without .git, as from a source download."""
    return shutil.copytree(finished_workshop, tmp_path / "the workshop", ignore=shutil.ignore_patterns("walk"))


@pytest.fixture(scope="session")
def flat_project(tmp_path_factory):
    """A Django project that no test changes."""
    return taking.flat(tmp_path_factory.mktemp("flat") / "mine")


@pytest.fixture(scope="session")
def src_project(tmp_path_factory):
    """A Django project that no test changes, in a folder src/."""
    return taking.src(tmp_path_factory.mktemp("src") / "mine")


@pytest.fixture
def lab(tmp_path):
    """The demo's lab; its servers do not answer."""
    return labs.make(tmp_path)


@pytest.fixture
def serving(lab):
    """The lab's pages behind a receiver."""
    with labs.served(lab) as running:
        yield running
