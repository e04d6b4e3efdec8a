"""Whole histories: the events of some hours or months on a server, as a list of plain steps.

A step names events, deliveries and keys by the order in which they appeared ("{event:3}", modulo how many there are), so
that every list of steps is a history: Hypothesis can leave out steps that a difference does not need.
"""

from typing import Any

import values
from hypothesis import strategies as st
from values import SLUGS, TYPES

BEGINNINGS = ("2026-11-22T13:27:24.123456+00:00", "2026-03-28T23:59:50.999999+00:00", "2024-02-28T12:00:00+00:00")
SECONDS = (1, 4, 5, 6, 10, 91, 240, 300, 360, 1800, 2200, 7200, 9000, 36000, 43201, 86400, 5 * 86400, 31 * 86400)
MINUTE_STEPS = 13 * 3600  # longer than the longest wait with its jitter
FEW = st.integers(0, 5)

Step = dict[str, Any]
slugs = st.sampled_from(SLUGS)


def call(method: str, path: str, key: str = "operator", **more: Any) -> Step:
    return {"do": "call", "method": method, "path": path, "as": key, **more}


DELIVER: Step = {"do": "manage", "argv": ["deliver", "--once", "--concurrency", "1"]}


def clock(seconds: float) -> Step:
    return {"do": "clock", "seconds": seconds}


@st.composite
def keys(draw: st.DrawFn, slug: str) -> str:
    """The key of a call: mostly an operator's, often the client's own."""
    return draw(st.sampled_from(["operator"] * 12 + [slug] * 8 + [*SLUGS, "none", "bad"]))


@st.composite
def new_client(draw: st.DrawFn, slug: str, pinned: str = "") -> list[Step]:
    """A valid client, and the first answer of its endpoint."""
    client = draw(values.clients(slug, pinned))
    steps = [call("POST", "/v1/clients", json=client)]
    return (
        [*steps, *draw(new_answers(slug, client["format"]["name"]))]
        if draw(st.sampled_from([True, True, False]))
        else steps
    )


@st.composite
def new_answers(draw: st.DrawFn, slug: str, format_name: str = "") -> list[Step]:
    script = draw(st.lists(values.answers(format_name), min_size=1, max_size=4))
    return [{"do": "answers", "path": f"/{slug}", "answers": script}]


@st.composite
def client_calls(draw: st.DrawFn) -> list[Step]:
    slug = draw(slugs)
    key, path = draw(keys(slug)), f"/v1/clients/{slug}"
    match draw(st.sampled_from(["patch", "patch", "patch", "rotate", "rotate", "get", "create", "bad", "delete"])):
        case "patch":
            return [call("PATCH", path, key, json=draw(values.client_changes(slug)))]
        case "rotate":
            overlap = draw(st.sampled_from([{}, {"overlap_seconds": 0}, {"overlap_seconds": 600}] * 2 + [None]))
            wrong = draw(st.sampled_from([{"overlap_seconds": -1}, {"overlap_seconds": 2592001}, [], {"x": 1}]))
            return [call("POST", f"{path}/rotate-secret", key, json=wrong if overlap is None else overlap)]
        case "get":
            return [call("GET", path, key)]
        case "create":
            return draw(new_client(slug))
        case "bad":
            return [call("POST", "/v1/clients", key, json=draw(values.bad_clients(slug)))]
        case _:
            return [call("DELETE", path, key)]


@st.composite
def posts(draw: st.DrawFn) -> list[Step]:
    """One to four events; the idempotency keys are few, so that some come again."""
    steps = []
    for _ in range(draw(st.integers(1, 4))):
        event = draw(values.mostly(values.events(), values.bad_events()))
        key = draw(st.sampled_from([f"key-{n}" for n in range(40)]))
        steps.append(call("POST", "/v1/events", json=event, headers={"Idempotency-Key": key}))
        if draw(st.sampled_from([False] * 5 + [True])):
            steps.append(dict(steps[-1]))
    return steps


@st.composite
def strange_posts(draw: st.DrawFn) -> list[Step]:
    """Requests that no sensible caller sends."""
    return draw(st.lists(strange_post(), min_size=2, max_size=4))


@st.composite
def strange_post(draw: st.DrawFn) -> Step:
    body = draw(
        st.sampled_from(
            [
                {"raw": ""},
                {"raw": "{"},
                {"raw": "null"},
                {"raw": "[]"},
                {"raw": "\xff\xfe"},
                {"raw": '{"type": NaN}'},
                {"raw": '{"type": "payment.failed", "type": "payout.paid"}'},
                {"raw": "[" * 33 + "]" * 33},
                {"raw": "[" * 32 + "]" * 32},
                {"raw": "x" * 1024, "times": 256},
                {"raw": "x" * 1024, "times": 257},
                {"json": {}},
                {"raw": "{}", "headers": {"Content-Type": "text/plain", "Idempotency-Key": "k"}},
                {"raw": "{}", "headers": {"Content-Type": "application/json; charset=latin-1", "Idempotency-Key": "k"}},
            ]
        )
    )
    key = draw(st.sampled_from([{}, {"Idempotency-Key": "x"}, {"Idempotency-Key": ""}, {"Idempotency-Key": "x" * 256}]))
    path = draw(
        st.sampled_from(["/v1/events", "/v1/clients", "/v1/clients/acme/preview", "/v1/clients/acme", "/v1/nothing"])
    )
    method = draw(st.sampled_from(["POST", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "HEAD"]))
    who = draw(st.sampled_from(["operator", "operator", "acme", "none"]))
    return call(method, path, who, **{"headers": key, **body})


@st.composite
def asking_about_a_client(draw: st.DrawFn) -> list[Step]:
    """Preview, test and recover."""
    slug = draw(slugs)
    key, path = draw(keys(slug)), f"/v1/clients/{slug}"
    match draw(st.sampled_from(["preview", "preview", "test", "recover"])):
        case "preview":
            tried = draw(st.lists(values.mostly(values.events(), values.bad_events()), min_size=2, max_size=3))
            return [call("POST", f"{path}/preview", key, json=event) for event in tried]
        case "test":
            return [call("POST", f"{path}/test", key, **draw(st.sampled_from([{}, {"json": {}}, {"json": {"x": 1}}])))]
        case _:
            since, until = draw(st.sampled_from([(-(10**7), 10**5), (-(10**5), 0), (0, -1), (-3600, 3600)]))
            period: Any = {"since": f"{{now:{since}}}", "until": f"{{now:{until}}}"}
            broken = draw(st.sampled_from([period] * 6 + [{}, {"since": "yesterday", "until": None}]))
            return [call("POST", f"{path}/recover", key, json=broken)]


LIMITS = st.sampled_from(["", "", "limit=1", "limit=2", "limit=200", "limit=0", "limit=201", "limit=x"])


@st.composite
def readings(draw: st.DrawFn) -> list[Step]:
    slug, number = draw(slugs), draw(FEW)
    key = draw(keys(slug))
    limit = draw(LIMITS)
    listed = [
        f"/v1/deliveries?client={slug}",
        f"/v1/deliveries?event={{event:{number}}}",
        "/v1/deliveries?status="
        + draw(st.sampled_from(["pending", "dead", "delivered", "skipped", "cancelled", "lost"])),
        f"/v1/events?type={draw(st.sampled_from([*TYPES, 'payment.*', '']))}",
        "/v1/events?x=y",
        "/v1/clients?x=y",
    ]
    match draw(st.sampled_from(["list", "list", "event", "event", "as", "delivery", "delivery", "one", "page"])):
        case "list":
            first = call("GET", f"{draw(st.sampled_from(listed))}&{limit}", key)
            return [first, call("GET", "{page:next}", key), call("GET", "{page:previous}", key)]
        case "event":
            return [call("GET", f"/v1/events/{{event:{number}}}", key)]
        case "as":
            return [call("GET", f"/v1/events/{{event:{number}}}?client={slug}", key)]
        case "delivery":
            return [call("GET", f"/v1/deliveries/{{delivery:{number}}}", key)]
        case "one":
            paths = ["/v1/formats", "/v1/openapi.json", "/healthz", "/readyz", "/metrics", "/v1/nothing", "/v1/"]
            return [call("GET", draw(st.sampled_from(paths)), key)]
        case _:
            cursor = draw(st.sampled_from(["cD0y", "bz0x", "cj0xJnA9Mg==", "%00", "cD14", "==", ""]))
            return [call("GET", f"/v1/deliveries?cursor={cursor}", key)]


@st.composite
def time_passing(draw: st.DrawFn) -> list[Step]:
    return [clock(draw(st.sampled_from(SECONDS))), *draw(st.sampled_from([[DELIVER], []]))]


@st.composite
def dying(draw: st.DrawFn) -> list[Step]:
    """Attempts for a whole round, and more."""
    return [DELIVER, *[clock(MINUTE_STEPS), DELIVER] * draw(st.sampled_from([2, 3, 8]))]


@st.composite
def retries(draw: st.DrawFn) -> list[Step]:
    slug, number = draw(slugs), draw(FEW)
    more = draw(st.sampled_from([{}, {}, {}, {"json": {}}, {"json": {"now": True}}]))
    return [call("POST", f"/v1/deliveries/{{delivery:{number}}}/retry", draw(keys(slug)), **more)]


@st.composite
def trouble(draw: st.DrawFn) -> list[Step]:
    """A worker that was killed, or stored options that a newer system cannot render."""
    slug = draw(slugs)
    if draw(st.sampled_from([True, True, False])):
        crashed: list[Step] = [{"do": "crash", "delivery": draw(FEW)}]
        return [*crashed, clock(draw(st.sampled_from([1, 89, 91]))), DELIVER]
    return [{"do": "break", "slug": slug}]


@st.composite
def commands(draw: st.DrawFn) -> list[Step]:
    slug = draw(slugs)
    argv = draw(
        st.sampled_from(
            [
                ["prune", "--older-than", "30d"],
                ["prune", "--older-than", "1d"],
                ["prune", "--older-than", "0d"],
                ["prune", "--older-than", "1h"],
                ["create_api_key", "--role", "client", "--client", slug],
                ["create_api_key", "--role", "client", "--client", slug],
                ["create_api_key", "--role", "operator", "--client", slug],
                ["create_api_key", "--role", "client"],
                ["revoke_api_key", f"{{prefix:{draw(st.integers(1, 6))}}}"],
                ["revoke_api_key", "whk_unknown1"],
                ["deliver", "--once", "--concurrency", "0"],
            ]
        )
    )
    return [{"do": "manage", "argv": argv}]


CLIENTS, DELIVERIES = "/admin/clients/client/", "/admin/webhooks/delivery/"


@st.composite
def admin_pages(draw: st.DrawFn) -> list[Step]:
    slug, number = draw(slugs), draw(FEW)
    paths = [
        CLIENTS,
        CLIENTS + f"?q={slug}",
        CLIENTS + "?status__exact=disabled",
        CLIENTS + f"{{pk:client {slug}}}/change/",
        CLIENTS + "add/",
        DELIVERIES,
        DELIVERIES + f"?q={slug}",
        DELIVERIES + "?status__exact=pending",
        DELIVERIES + f"?client__id__exact={{pk:client {slug}}}",
        DELIVERIES + f"{{pk:delivery {number}}}/change/",
        DELIVERIES + f"{{pk:delivery {number}}}/change/",
        "/admin/webhooks/event/",
        "/admin/webhooks/event/?q=pay_01",
        f"/admin/webhooks/event/{{pk:event {number}}}/change/",
        "/admin/clients/apikey/",
        "/admin/",
    ]
    return [{"do": "admin", "path": draw(st.sampled_from(paths))}]


@st.composite
def admin_actions(draw: st.DrawFn) -> list[Step]:
    slug, other = draw(slugs), draw(slugs)
    client = f"{{pk:client {slug}}}"
    match draw(
        st.sampled_from(["retry", "retry", "disable", "edit", "edit", "add", "delete", "delete many", "revoke"])
    ):
        case "retry":
            chosen = [f"{{pk:delivery {n}}}" for n in draw(st.lists(FEW, min_size=1, max_size=4))]
            form = {"action": ["retry_selected"], "_selected_action": chosen}
            return [{"do": "admin", "path": DELIVERIES, "form": form}]
        case "disable":
            form = {"action": ["disable_selected"], "_selected_action": [client, f"{{pk:client {other}}}"]}
            return [{"do": "admin", "path": CLIENTS, "form": form}]
        case "edit":
            status = draw(st.sampled_from(["active", "disabled", "paused"]))
            form = {**draw(admin_form(slug)), "status": [status]}
            form.pop("slug")
            if draw(st.integers(0, 5)) == 0:
                form["seen"] = ["the version before"]  # another process changed the client meanwhile
            return [{"do": "admin", "path": f"{CLIENTS}{client}/change/", "form": form}]
        case "add":
            return [{"do": "admin", "path": f"{CLIENTS}add/", "form": draw(admin_form(slug))}]
        case "delete":
            return [{"do": "admin", "path": f"{CLIENTS}{client}/delete/", "form": {"post": ["yes"]}}]
        case "delete many":
            form = {"action": ["delete_selected"], "_selected_action": [client], "post": ["yes"]}
            return [{"do": "admin", "path": CLIENTS, "form": form}]
        case _:
            form = {"action": ["revoke_selected"], "_selected_action": [str(draw(st.integers(2, 6)))]}
            return [{"do": "admin", "path": "/admin/clients/apikey/", "form": form}]


@st.composite
def admin_form(draw: st.DrawFn, slug: str) -> dict[str, list[str]]:
    """The fields of the admin's client form."""
    import json

    document = draw(values.mostly(values.clients(slug), values.bad_clients(slug), 3))
    chosen = document.get("format") if isinstance(document.get("format"), dict) else {"name": "csv", "version": 1}
    types = document.get("event_types")
    return {
        "slug": [str(document.get("slug", ""))],
        "name": [_typed(document.get("name", ""))],
        "endpoint_url": [str(document.get("endpoint_url", ""))],
        "event_types": [str(entry) for entry in types] if isinstance(types, list) else [],
        "format": [f"{chosen.get('name')}@{chosen.get('version')}"],
        "format_options": [draw(st.sampled_from(["{", "[]", ""])) if not chosen else json.dumps(chosen.get("options"))],
        "_save": ["Save"],
    }


def _typed(value: Any) -> str:
    """Text that a browser can send, without lone surrogates."""
    return str(value).encode(errors="replace").decode()


@st.composite
def answers_of_somebody(draw: st.DrawFn) -> list[Step]:
    return draw(new_answers(draw(slugs), draw(st.sampled_from(["", *values.ACKS]))))


def nothing() -> st.SearchStrategy[list[Step]]:
    return st.just([])


USUAL = (posts, posts, posts, posts, posts, posts, time_passing, time_passing, time_passing, client_calls, client_calls, readings,
         readings, asking_about_a_client, retries, dying, trouble, commands, admin_pages, admin_actions,
         strange_posts, answers_of_somebody)  # fmt: skip
CLOSING: tuple[Step, ...] = (
    DELIVER,
    call("POST", "/v1/events", raw="x" * 1024, times=257),
    call("POST", "/v1/events", raw="{}", headers={"Content-Type": "text/plain"}),
    call("POST", "/v1/events", raw="{", headers={"Idempotency-Key": "k"}),
    call("GET", "/v1/clients"),
    call("GET", "/v1/deliveries"),
    call("GET", "/v1/events"),
    call("GET", "/metrics"),
)


@st.composite
def happenings(draw: st.DrawFn) -> list[Step]:
    """One thing that happens, as one or more steps."""
    # The empty step comes first, so that shrinking can replace steps that a difference does not need.
    steps: list[Step] = draw(draw(st.sampled_from([nothing, *USUAL]))())
    return steps


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Any]:
    """Some clients, then random steps, then a last look at everything."""
    steps: list[Step] = []
    # Each of another format: left to itself, Hypothesis tries one for long.
    pinned = draw(st.permutations(tuple(values.OPTIONS)))
    for slug, name in zip(SLUGS, pinned, strict=False):
        if draw(st.sampled_from([False] + [True] * 8)):
            steps += draw(new_client(slug, name))
    for happening in draw(st.lists(happenings(), min_size=12, max_size=24)):
        steps += happening
    return {"at": draw(st.sampled_from(BEGINNINGS)), "steps": [*steps, *CLOSING]}
