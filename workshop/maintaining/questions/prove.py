"""Runs the proofs of questions, and says in a line each what they do not prove."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from workshop.ask.questions import Choice, Proof, Question, Topic
from workshop.base.problems import CommandFailed
from workshop.maintaining.questions import planted, stated


class Provable(Protocol):
    """What a proof claims: a dataclass of its keys."""

    def problems(self) -> Iterator[str]:
        """What is not as claimed. Raises CommandFailed if the proof cannot run."""
        ...


QUICK: dict[str, type[Provable]] = {
    "files": stated.FilesOfAPatch,
    "figure": stated.Figure,
    "recording": stated.Recorded,
    "text": stated.Text,
}
"""Proofs that only read, so `make lint` runs them."""
KINDS: dict[str, type[Provable]] = QUICK | {
    "tests": planted.Tests,
    "walls": planted.Walls,
    "prints": planted.Prints,
}


def claim(proof: Proof) -> Provable:
    """What a proof claims. Raises CommandFailed if it has a wrong key, or is of no known kind."""
    if proof.by not in KINDS:
        raise proof.keys.problem(f"by: {proof.by!r} is not one of {', '.join(KINDS)}")
    if proof.by == "files" and "step" in proof.keys.written:  # the other "files" are a patch's
        return proof.keys.read(stated.FilesOfAStep)
    return proof.keys.read(KINDS[proof.by])


def chosen(topics: Sequence[Topic], names: Sequence[str]) -> list[tuple[Topic, Question]]:
    """The questions of these folders or of these ids, or all. Raises CommandFailed if a name means none."""
    every = [(topic, question) for topic in topics for question in topic.questions]
    if unknown := [name for name in names if not any(name in _called(*each) for each in every)]:
        raise CommandFailed(f"No question is of {unknown[0]!r}. Write a folder, such as 04-extract-services, or an id.")
    return [each for each in every if not names or any(name in _called(*each) for name in names)]


def problems(question: Question, *, quick: bool = False) -> Iterator[str]:
    """Every proof of the question that fails, with its place in the file; with `quick`, only of the proofs that read."""
    for choice, proof in _proofs(question, quick=quick):
        try:
            found = list(claim(proof).problems())
        except CommandFailed as failure:
            found = [str(failure)]
        verdict = question.verdict(choice).lower()
        yield from (f"{question.id}: “{choice.says}” is not proved {verdict}, by {proof.by}: {what}" for what in found)


def proofs_of(question: Question, *, quick: bool = False) -> int:
    """The number of proofs."""
    return len(list(_proofs(question, quick=quick)))


def stages_of(topic: Topic) -> set[str]:
    """The stages whose code the proofs of a topic run."""
    proofs = [proof for question in topic.questions for _, proof in _proofs(question) if proof.by not in QUICK]
    return {name for proof in proofs if isinstance(name := proof.keys.written.get("stage"), str)}


def _proofs(question: Question, *, quick: bool = False) -> Iterator[tuple[Choice, Proof]]:
    for choice in question.choices:
        for proof in choice.proofs:
            if not quick or proof.by in QUICK:
                yield choice, proof


def _called(topic: Topic, question: Question) -> tuple[str, str, str]:
    return topic.folder.name, question.id, topic.word
