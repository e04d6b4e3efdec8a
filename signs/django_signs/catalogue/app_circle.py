"""App circle: apps that can only be understood together. A fact about the project, said once."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from ..facts import File
from ..findings import Finding, Spot, joined
from ..project import Project

SIGN = "app-circle"
LEAST_APPS = 5
MOST_TURNED = 5


def find(project: Project) -> Iterator[Finding]:
    """The largest circle of five apps or more, with the lightest imports to turn round."""
    edges, places = _edges(project)
    circle = max(_circles(edges), key=lambda found: (len(found), sorted(found)), default=set())
    if len(circle) < LEAST_APPS:
        return
    inside = {pair: count for pair, count in edges.items() if pair[0] in circle and pair[1] in circle}
    turned = _lightest(inside)
    first = turned[0] if turned else min(inside)
    names = sorted(circle)
    spots = [place for pair in turned[:MOST_TURNED] for place in places[pair][:2]]
    lightest = [f"{one} → {other} ({edges[one, other]})" for one, other in turned[:3]]
    yield Finding(
        SIGN,
        "apps",
        f"{len(circle)} of {len(project.apps)} apps import each other in a circle",
        places[first][0],
        [place for place in spots if place != places[first][0]],
        [f"the apps are {joined(names, 6)}", f"the lightest imports to turn round: {', '.join(lightest)}"],
        weight=len(circle),
    )


def _edges(project: Project) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], list[Spot]]]:
    counts: dict[tuple[str, str], int] = Counter()
    places: dict[tuple[str, str], list[Spot]] = defaultdict(list)
    for file in project.code():
        if file.path.endswith(("urls.py", "wsgi.py", "asgi.py", "schema.py", "api.py")) and file.path.count("/") <= 1:
            continue
        for imported in file.imports:
            target = _target(project, imported.target, file)
            if target and target != file.app and file.app:
                counts[file.app, target] += 1
                places[file.app, target].append(Spot(file.path, imported.line, imported.target))
    return dict(counts), places


def _target(project: Project, dotted: str, near: File) -> str:
    """The app that an import reaches; empty outside the project, and for the modules at its top."""
    found = project.module_of(dotted, near)
    return found.app if found is not None and found.kind == "code" and "/" in found.path else ""


def _circles(edges: dict[tuple[str, str], int]) -> list[set[str]]:
    """The strongly connected parts, after Tarjan, without recursion."""
    after: dict[str, list[str]] = defaultdict(list)
    for one, other in sorted(edges):
        after[one].append(other)
    reach = {name: _reached(name, after) for name in sorted({name for pair in edges for name in pair})}
    found: list[set[str]] = []
    for name, reached in reach.items():
        if not any(name in circle for circle in found):
            found.append({name} | {other for other in reached if name in reach.get(other, set())})
    return [circle for circle in found if len(circle) > 1]


def _reached(start: str, after: dict[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(after.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += after.get(name, ())
    return seen


def _lightest(edges: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    """Imports that go against the order of the apps, the fewest first: the order of Eades, Lin and Smyth (1993)."""
    left = dict(edges)
    head: list[str] = []
    tail: list[str] = []
    nodes = {name for pair in edges for name in pair}
    while nodes:
        out = Counter(dict.fromkeys(nodes, 0))
        into = Counter(dict.fromkeys(nodes, 0))
        for (one, other), count in left.items():
            out[one] += count
            into[other] += count
        sinks = sorted(name for name in nodes if not out[name])
        sources = sorted(name for name in nodes if not into[name])
        if sinks:
            chosen = sinks[0]
            tail.insert(0, chosen)
        else:
            chosen = sources[0] if sources else max(sorted(nodes), key=lambda name: out[name] - into[name])
            head.append(chosen)
        nodes.discard(chosen)
        left = {pair: count for pair, count in left.items() if chosen not in pair}
    order = {name: index for index, name in enumerate([*head, *tail])}
    against = [pair for pair in edges if order[pair[0]] > order[pair[1]]]
    return sorted(against, key=lambda pair: (edges[pair], pair))
