"""The cost of a list of open refunds. One function for each architecture check of exercise.toml."""

from collections.abc import Iterator
from typing import Any

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import budget, database, queries

MANY = 30


def as_many_questions_for_thirty(project: Project) -> Iterator[Finding]:
    database.make()
    _refunds(1)
    one = _listing(project)
    _refunds(MANY - 1)
    many = _listing(project)
    if len(many.places) > len(one.places):
        at = many.busiest()
        found = f"the list sends {len(one.places)} SQL statements for 1 refund and {len(many.places)} for {MANY}"
        yield Finding(at.file, at.line, found)


def the_database_picks(project: Project) -> Iterator[Finding]:
    database.make()
    _refunds(2)
    before = _listing(project)
    _post("/statements", settled=_refunds(MANY))
    after = _listing(project)
    if after.rows > before.rows:
        at = after.busiest()
        found = f"it reads {before.rows} rows for 2 open refunds, and {after.rows} if there are {MANY} settled ones too"
        yield Finding(at.file, at.line, found)


def no_more_than_asked_for(project: Project) -> Iterator[Finding]:
    yield from budget.beyond(project, new_files=2, lines=60, reason=budget.REASON)


def _refunds(number: int) -> list[int]:
    """So many refunds, each with its own payment and merchant."""
    made = []
    for _ in range(number):
        payment = _post(
            "/payments", merchant=f"Shop {number}-{len(made)}", provider="cardly", amount=20, currency="EUR"
        )
        made.append(int(_post(f"/payments/{payment['id']}/refunds", amount=5)["id"]))
    return made


def _post(path: str, **body: Any) -> Any:
    from django.test import Client

    return Client().post(path, body, content_type="application/json").json()


def _listing(project: Project) -> queries.Asked:
    from django.test import Client

    with queries.asked(project) as asked:
        Client().get("/refunds/open")
    return asked
