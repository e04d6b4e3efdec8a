"""Every command that a page shows, run: what it prints is what the page prints."""

from pathlib import Path

import pytest

from workshop.harness.testing import why_no_postgres
from workshop.maintaining.documents.transcripts import Playground, Transcript, play, transcripts


@pytest.fixture(scope="session")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Playground:
    return Playground(tmp_path_factory.mktemp("playground") / "workshop")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("transcript", transcripts(), ids=lambda transcript: transcript.name)
def test_a_pages_commands_answer_as_it_prints(transcript: Transcript, playground: Playground) -> None:
    if transcript.needs and (reason := why_no_postgres()):
        pytest.skip(f"no PostgreSQL: {reason}")
    assert [str(problem) for problem in play(transcript, playground)] == []


def test_there_are_commands_to_run() -> None:
    assert {transcript.page.parent.name for transcript in transcripts()} >= {"00-feel-it", "10-close-the-walls"}


def test_a_playground_is_not_the_repository(playground: Playground) -> None:
    assert playground.folder != Path.cwd() and not (playground.folder / ".git").exists()
