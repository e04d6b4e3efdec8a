"""The way from this shop to the learner's own project."""

from collections.abc import Iterator

from workshop.exercises.findings import Project


def lines(project: Project) -> Iterator[str]:
    yield "Now your own project, 10 minutes: ./ws signs PATH shows at most three such signs, and what to do first."
    yield "./ws receipt --sign TEXT adds a sign to your receipt: name the sign that you want to act on."
