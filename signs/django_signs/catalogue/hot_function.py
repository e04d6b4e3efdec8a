"""Hot function: very hard to follow, in a file that changes all the time. Needs history."""

from collections.abc import Iterator

from ..findings import Finding, LeftAlone, spot
from ..history import History
from ..project import Project
from ..words import plural

SIGN = "hot-function"
HARD = 40
LEAST_COMMITS = 8
HOTTEST_SHARE = 0.1


def find(project: Project, history: History | None, left: list[LeftAlone]) -> Iterator[Finding]:
    """Cognitive complexity of 40 in one of the most changed tenth of the files, with at least 8 commits in three years."""
    hard = [place for place in project.places("code") if place.function.complexity >= HARD and place.function.qualified]
    changes = {file.path: history.commits_of(file.path) if history else 0 for file in project.code()}
    ranked = sorted(changes.values(), reverse=True)
    limit = max(LEAST_COMMITS, ranked[int(len(ranked) * HOTTEST_SHARE)] if ranked else 0)
    for place in hard:
        function = place.function
        commits = changes[place.file.path]
        if history is None or commits < limit:
            why = "cold" if history else "no history was read"
            note = f"complexity {function.complexity}, {plural(commits, 'commit')} in three years" if history else why
            left.append(LeftAlone(SIGN, f"{function.qualified}()", note, spot(place.file, function)))
            continue
        yield Finding(
            SIGN,
            place.name,
            f"{function.qualified}() has complexity {function.complexity}, and its file changed {commits} times",
            spot(place.file, function),
            [],
            [f"{plural(function.end - function.line + 1, 'line')}; {commits} commits to the file in three years"],
            weight=function.complexity * 0.3 + commits,
        )
