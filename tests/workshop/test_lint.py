import subprocess

import pytest

from workshop.maintaining import lint

# Put together here, so that this file itself stays portable.
MACHINE = "/".join(["", "home", "mila", "workshop"])
REGISTRY = ".".join(["https://py" + "pi", "org/simple"])


@pytest.fixture
def repository(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("/ignored/\n")
    return tmp_path


def problems(repository, text):
    (repository / "notes.md").write_text(f"first line\n{text}\n")
    return [str(problem) for problem in lint.portable(repository)]


@pytest.mark.parametrize("text", [f"see {MACHINE}/README.md", f"cd {MACHINE}", "in ../shared" + "/x"])
def test_a_path_of_one_machine_is_a_problem(repository, text):
    assert problems(repository, text) == ["notes.md:2: a path that exists on one machine only"]


@pytest.mark.parametrize("text", [REGISTRY, "--extra-index-url" + " somewhere"])
def test_a_package_registry_is_a_problem(repository, text):
    assert problems(repository, text) == ["notes.md:2: a package registry's address or option"]


@pytest.mark.parametrize("text", ["/work/", "http://127.0.0.1:8000/home/", "opt/in", "/v1/users/me"])
def test_what_only_looks_like_a_path_of_one_machine_is_none(repository, text):
    assert problems(repository, text) == []


def test_what_git_ignores_is_not_looked_at(repository):
    (repository / "ignored").mkdir()
    (repository / "ignored" / "notes.md").write_text(MACHINE)

    assert list(lint.portable(repository)) == []
