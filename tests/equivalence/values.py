"""The values of histories: events, clients and answers, most of them valid, many of them not."""

import copy
from typing import Any

from hypothesis import strategies as st

TYPES = ("payment.authorized", "payment.captured", "payment.failed", "payment.refunded", "payout.paid")
SLUGS = ("acme", "bolt", "cara", "d-9")
DIGITS = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3, "CLF": 4, "MXN": 2}
CURRENCIES = st.sampled_from(["USD", "USD", "USD", *DIGITS])  # often a value that an option is about
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "Africa/Monrovia")

# Text that formats have to escape, cut, quote, mask or refuse.
TEXTS = (
    "A",
    "Zoë Müller",
    "Ada  Lovelace\tKing",
    "=1+1",
    '=a;"b"',
    "+49",
    "-5",
    "@acme",
    "\tTab",
    "\rReturn",
    'say "hi"; ok',
    "line\nfeed",
    "carriage\r\nreturn",
    "a & b < c > d",
    "&amp;",
    "]]>",
    "\u0001\u000b\ufffe",
    "\u2028\u2029",
    "日本語",
    "👩‍👩‍👧",
    "e\u0301",
    "\u00a0spaced\u3000",
    " leads and trails ",
    "100% & more?=x/y",
    "'quoted'",
    "\\back\\slash",
    "\u202eright to left",
)
MAYBE_LONG = st.sampled_from(TEXTS) | st.text(min_size=1, max_size=12).filter(lambda text: "\0" not in text)
BAD_TEXTS: tuple[Any, ...] = ("", "\0", "a\0b", "\ud800", 7, 1.5, True, [], {}, "x" * 600)


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any], weight: int = 5) -> st.SearchStrategy[Any]:
    """`weight` usual values for each odd one. (`|` would give both the same share, `integers` prefers its ends.)"""
    return st.sampled_from([usual] * weight + [odd]).flatmap(lambda chosen: chosen)


def long(limit: int) -> st.SearchStrategy[str]:
    """Text of exactly, or just over, a number of characters."""
    return st.sampled_from(["&" * limit, "ö" * limit, "👍" * limit, "x" * (limit + 1)])


def text(limit: int) -> st.SearchStrategy[str]:
    return mostly(MAYBE_LONG, long(limit), 6)


@st.composite
def amounts(draw: st.DrawFn, currency: str) -> str:
    digits = DIGITS.get(currency, 2)
    units = draw(st.sampled_from([0, 5, 25, 250, 1, 150, 101, 1010, 99999, 10**5, 123456789, 10**15 - 1]))
    if not digits:
        return str(units)
    places = draw(st.integers(0, digits))
    whole = f"{units:0{digits + 1}}"
    return f"{whole[:-digits]}.{whole[-digits:]}" if places == digits else str(units)


BAD_AMOUNTS: tuple[Any, ...] = (
    "", "-1", "+1", "1.", ".5", "1e3", " 1", "1 ", "1,00", "٣", "0x10", "1.00001", "1" * 16, "9" * 15 + ".99", "1\n",
    5, 1.5, None, "NaN", "00000000000000000000012.30",
)  # fmt: skip
BAD_CURRENCIES: tuple[Any, ...] = ("usd", "XXX", "XAU", "US", "EURO", "", None, 840, "ＵＳＤ")
TIMES = (
    "2026-11-22T13:27:24.123456Z", "2026-11-22T13:27:24Z", "2026-10-25T00:59:59.999999Z", "2026-10-25T01:00:00Z",
    "2026-03-29T02:30:00+01:00", "2026-12-31T23:59:59.9995-05:30", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.0005Z",
    "2200-12-31T23:59:59.999999Z", "2024-02-29T12:00:00+14:00", "2026-11-22T00:00:00.5+23:59", "1971-06-01T00:00:00Z",
)  # fmt: skip
BAD_TIMES: tuple[Any, ...] = (
    "2026-11-22", "2026-11-22 13:27:24Z", "2026-11-22T13:27:24", "2026-11-22T13:27:60Z", "2026-02-29T00:00:00Z",
    "1969-12-31T23:59:59Z", "2201-01-01T00:00:00Z", "2026-11-22T13:27:24.1234567Z", "2026-11-22T24:00:00Z", "", None, 0,
    "1970-01-01T00:00:00+00:01", "2026-11-22T13:27:24+24:00", "2026-11-22t13:27:24z",
)  # fmt: skip
EMAILS = (None, "zoe@example.com", "z@e", "Zoe Müller@exämple.com", "a&b@c;d", "x" * 240 + "@example.com", "=a@b")
IBANS = (None, "DE89370400440532013000", "GB82WEST12345698765432", "1234567", "12345678", "X", "é" * 7)
STATUSES = ("captured", "failed", "straße", "ﬁnal ŉ", "a;b", "ok")


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """An event that is in order."""
    currency = draw(CURRENCIES)
    failure = draw(st.sampled_from([None, None, "with"]))
    return {
        "type": draw(st.sampled_from(TYPES)),
        "occurred_at": draw(st.sampled_from(TIMES)),
        "data": {
            "payment_id": draw(st.sampled_from(["pay_01", "p&<>\"';", "=pay", "x" * 64])),
            "amount": draw(amounts(currency)),
            "currency": currency,
            "status": draw(st.sampled_from(STATUSES)),
            "customer": {
                "id": draw(st.sampled_from(["cus_1", "@cus", "<&>"])),
                "name": draw(text(140)),
                "email": draw(st.sampled_from(EMAILS)),
                "iban": draw(st.sampled_from(IBANS)),
            },
            "reference": draw(st.none() | text(140)),
            "failure": failure
            and {"code": draw(st.sampled_from(["declined", "=do", "<&>"])), "message": draw(text(500))},
        },
    }


BAD_VALUES: dict[tuple[str, ...], tuple[Any, ...]] = {
    ("type",): ("payment", "payment.*", "*", "payment.lost", None, 5, "payment.failed\n"),
    ("occurred_at",): BAD_TIMES,
    ("data",): (None, [], "x", {}),
    ("data", "payment_id"): ("", "with space", "é", "x" * 65, None, 1),
    ("data", "amount"): BAD_AMOUNTS,
    ("data", "currency"): BAD_CURRENCIES,
    ("data", "status"): (*BAD_TEXTS, None),
    ("data", "customer"): (None, [], {}, {"id": "c"}),
    ("data", "customer", "id"): ("", "a b", None, "x" * 65),
    ("data", "customer", "name"): (*BAD_TEXTS, None),
    ("data", "customer", "email"): ("no at", "@", "a@", "@b", "a@b@c", "", 5, "x" * 250 + "@e.com"),
    ("data", "customer", "iban"): ("", "x" * 35, 5),
    ("data", "customer", "more"): ("x", None),
    ("data", "reference"): BAD_TEXTS,
    ("data", "failure"): (
        "",
        [],
        {},
        {"code": "x"},
        {"code": "", "message": ""},
        {"code": "c", "message": "m", "x": 1},
    ),
    ("data", "unknown"): (None, 1),
    ("a/b~c",): (1,),
}
MISSING = (("type",), ("data",), ("data", "amount"), ("data", "currency"), ("data", "customer"), ("data", "failure"))


@st.composite
def bad_events(draw: st.DrawFn) -> dict[str, Any]:
    """An event with one to three things wrong."""
    event = draw(events())
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.sampled_from([True] * 4 + [False])):
            path = draw(st.sampled_from(tuple(BAD_VALUES)))
            put(event, path, draw(st.sampled_from(BAD_VALUES[path])))
        else:
            put(event, draw(st.sampled_from(MISSING)))
    return event


def put(document: dict[str, Any], path: tuple[str, ...], *value: Any) -> None:
    """Sets a member, or removes it without a value; does nothing if its path does not exist."""
    *parents, last = path
    target: Any = document
    for parent in parents:
        target = target.get(parent)
        if not isinstance(target, dict):
            return
    if value:
        target[last] = copy.deepcopy(value[0])
    else:
        target.pop(last, None)


NEW_NAMES = ("id", "amount", "Amount_1", "customer[name]", "x" * 64, "payment_id", "currency", "_")
FIELDS = {
    "std_json@1": ("payment_id", "amount", "currency", "status", "customer", "reference", "failure"),
    "flat_camel@1": ("eventType", "amountMinor", "currency", "customerEmail", "failureCode", "reference"),
    "flat_camel@2": ("eventType", "amount", "occurredAt", "customerIban", "failureMessage", "paymentId"),
    "form_legacy@1": ("event", "date", "amount", "customer[iban]", "failure[message]", "reference"),
    "csv@1": ("event", "date", "amount", "customer[name]", "failure[code]", "payment"),
}
_MASKABLE = ["customer.iban", "customer.name", "customer.email"]
MASK = st.just(_MASKABLE) | st.lists(st.sampled_from(_MASKABLE), max_size=3)
ALIASES = st.dictionaries(st.sampled_from(TYPES), st.sampled_from(["Paid", "a/b:c.d-e_f", "1", "x" * 64]), max_size=3)
NULL_POLICY = st.sampled_from(["keep", "omit", "empty"])
ZONE = st.sampled_from(ZONES)
MINOR_UNITS = st.dictionaries(CURRENCIES, st.integers(0, 4), max_size=3)
# Most amounts are below the last ones, so that events are skipped.
_LEVELS = st.sampled_from(["0", "1", "2", "100", "1000", "0000001", "100000000", "100000000"])
THRESHOLD = st.dictionaries(CURRENCIES, _LEVELS, max_size=3)


def _rename(name: str) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(FIELDS[name]), st.sampled_from(NEW_NAMES), max_size=3)


_MASKED = {"mask": MASK, "event_aliases": ALIASES}
OPTIONS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "std_json@1": {"null_policy": NULL_POLICY, "rename": _rename("std_json@1"), **_MASKED},
    "flat_camel@1": {
        "null_policy": NULL_POLICY, "rename": _rename("flat_camel@1"), "minor_units": MINOR_UNITS, **_MASKED,
    },
    "flat_camel@2": {
        "null_policy": NULL_POLICY, "rename": _rename("flat_camel@2"), "minor_units": MINOR_UNITS, **_MASKED,
    },
    "xml_bank@1": {"timezone": ZONE, **_MASKED},
    "form_legacy@1": {"timezone": ZONE, "rename": _rename("form_legacy@1"), **_MASKED},
    "cloudevents@1": {"null_policy": NULL_POLICY, **_MASKED},
    "slack_blocks@1": {"threshold": THRESHOLD, **_MASKED},
    "csv@1": {"timezone": ZONE, "rename": _rename("csv@1"), **_MASKED},
}  # fmt: skip
BAD_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("null_policy", "drop"), ("null_policy", None), ("rename", {"amount": "a b"}), ("rename", {"none": "x"}),
    ("rename", {"amount": "currency"}), ("rename", {"amount": "same", "currency": "same"}), ("rename", []),
    ("mask", ["customer.id"]), ("mask", "customer.name"), ("mask", [None]), ("minor_units", {"USD": 5}),
    ("minor_units", {"USD": 2.0}), ("minor_units", {"XAU": 2}), ("timezone", "Mars/Base"), ("timezone", 1),
    ("threshold", {"USD": "1.005"}), ("threshold", {"JPY": "1.5"}), ("threshold", {"USD": 5}), ("threshold", {"X": "1"}),
    ("event_aliases", {"payment.lost": "x"}), ("event_aliases", {"payment.failed": "-x"}), ("unheard", {}),
    ("event_aliases", {"payment.failed": "x\n"}), ("rename", {"a/b~c": "x"}), ("timezone", "utc\0"),
)  # fmt: skip


@st.composite
def formats(draw: st.DrawFn, pinned: str = "") -> dict[str, Any]:
    """A format that is in order: the pinned one, or any."""
    pinned = pinned or draw(st.sampled_from(tuple(OPTIONS)))
    known = OPTIONS[pinned]
    chosen = draw(
        st.lists(st.sampled_from(tuple(known)), min_size=draw(st.sampled_from([0, 2, 2])), max_size=4, unique=True)
    )
    name, _, version = pinned.partition("@")
    return {"name": name, "version": int(version), "options": {option: draw(known[option]) for option in chosen}}


@st.composite
def bad_formats(draw: st.DrawFn) -> Any:
    chosen = draw(formats())
    for option, value in draw(st.lists(st.sampled_from(BAD_OPTIONS), min_size=1, max_size=2)):
        chosen["options"][option] = value
    other = {**chosen, **draw(st.sampled_from([{"version": 9}, {"name": "yaml"}, {"version": "1"}, {"options": None}]))}
    return draw(st.sampled_from([chosen, chosen, chosen, other, None, "csv@1", {}, {"name": "csv"}]))


SUBSCRIPTIONS = (
    st.just(["*"]) | st.just(["*"]) | st.just(["*"]) | st.lists(st.sampled_from([*TYPES, "payment.*", "*"]), max_size=3)
)
BAD_SUBSCRIPTIONS: tuple[Any, ...] = (["payment.lost"], "*", [None], None, ["payment.failed", 5], {"a": 1})
BAD_NAMES: tuple[Any, ...] = ("", "x" * 141, None, 5, "\0", "\ud800")
BAD_SLUGS: tuple[Any, ...] = ("", "Acme", "-a", "a_b", "x" * 64, None, 5, "é", "a\n")
ELSEWHERE = (
    "http://10.0.0.1/x", "https://{plain}/tls", "http://127.0.0.1:9/refused", "http://[::1]:9/six",
    "http://0.0.0.0:9/", "http://169.254.169.254/latest", "http://[::ffff:10.0.0.1]/",
)  # fmt: skip
BAD_URLS: tuple[Any, ...] = (
    "", "acme.test", "ftp://acme.test/", "http://user:pw@127.0.0.1/", "http:///x", "http://a b/", "http://[::1/", None,
    "https://x:99999/", "http://127.0.0.1/\\", "https://" + "a" * 2048, "http://127.0.0.1:x/", 5,
)  # fmt: skip


def endpoints(slug: str) -> st.SearchStrategy[str]:
    """The path of this client at the receiver, now and then another."""
    usual = f"http://{{receiver}}/{slug}"
    return mostly(st.just(usual), st.sampled_from([f"{usual}?key=1#part", *ELSEWHERE]), 12)


@st.composite
def clients(draw: st.DrawFn, slug: str, pinned: str = "") -> dict[str, Any]:
    """A client that is in order, of the pinned format or any."""
    return {
        "slug": slug,
        "name": draw(st.sampled_from(["Acme Books", "Zoë & Söhne <GmbH>", "x" * 140])),
        "endpoint_url": draw(endpoints(slug)),
        "event_types": draw(SUBSCRIPTIONS),
        "format": draw(formats(pinned)),
    }


@st.composite
def client_changes(draw: st.DrawFn, slug: str) -> dict[str, Any]:
    """The members of a PATCH, in order and not."""
    members: dict[str, st.SearchStrategy[Any]] = {
        "name": mostly(st.sampled_from(["Renamed", "R\u00fc"]), st.sampled_from(BAD_NAMES)),
        "endpoint_url": mostly(endpoints(slug), st.sampled_from(BAD_URLS)),
        "event_types": mostly(SUBSCRIPTIONS, st.sampled_from(BAD_SUBSCRIPTIONS)),
        "format": mostly(formats(), bad_formats(), 3),
        "status": st.sampled_from(["active", "disabled", "active", "disabled", "paused", None]),
        "slug": st.just("other"),
        "unknown": st.just(1),
    }
    usual = ["status", "format", "endpoint_url", "event_types", "name"]
    names = draw(st.lists(st.sampled_from(usual * 5 + ["slug", "unknown"]), max_size=3, unique=True))
    return {name: draw(members[name]) for name in names}


@st.composite
def bad_clients(draw: st.DrawFn, slug: str) -> Any:
    document = draw(clients(slug))
    wrong: dict[str, st.SearchStrategy[Any]] = {
        "slug": st.sampled_from(BAD_SLUGS),
        "name": st.sampled_from(BAD_NAMES),
        "endpoint_url": st.sampled_from(BAD_URLS),
        "event_types": st.sampled_from(BAD_SUBSCRIPTIONS),
        "format": bad_formats(),
        "status": st.just("active"),
    }
    for name in draw(st.lists(st.sampled_from(tuple(wrong)), min_size=1, max_size=3, unique=True)):
        document[name] = draw(wrong[name])
    if draw(st.sampled_from([False] * 4 + [True])):
        del document[draw(st.sampled_from(["slug", "name", "endpoint_url", "event_types", "format"]))]
    return document


XML_ACKS = ('<Ack code="0"/>', '<Ack code="1"/>', '<?xml version="1.0"?><Ack code="0">x</Ack>\n', "<Ack/>", "<Ack",
            '<Ack xmlns="x" code="0"/>', '<Nak code="0"/>', '<Ack code="00"/>',
            '<!DOCTYPE Ack [<!ENTITY e "x">]><Ack code="0">&e;</Ack>')  # fmt: skip
ACKS = {"xml_bank": XML_ACKS, "form_legacy": ("[accepted]", " [accepted]\n", "[accepted", "accepted", "[Accepted]"),
        "slack_blocks": ("ok", " ok\n", "OK", "okay", "\ufeffok")}  # fmt: skip
EXCERPTS = ("Zoë Müller zoe@example.com DE89370400440532013000 was refused", "no: GB82WEST12345698765432\0", "é" * 1200,
            "x" * 995 + " DE89370400440532013000", "12345678 1234567 Ada  Lovelace\tKing")  # fmt: skip


# Bytes behind these would be taken for the next answer on the connection, or not, as they happen to arrive.
WITHOUT_BODY = (204, 304)


@st.composite
def answers(draw: st.DrawFn, format_name: str = "") -> dict[str, Any]:
    """One answer of an endpoint, often an acknowledgement of this format, or nearly one."""
    kind = draw(st.sampled_from(["ack", "ack", "status", "later"] * 5 + ["odd", "odd", "big", "gone"]))
    if kind == "ack":
        bodies = ACKS.get(format_name, ("", "ok", "[accepted]", '<Ack code="0"/>'))
        status = draw(st.sampled_from([200, 200, 201, 204]))
        return {"status": status, "body": "" if status in WITHOUT_BODY else draw(st.sampled_from(bodies))}
    if kind == "status":
        status = draw(st.sampled_from([400, 401, 404, 429, 500, 502, 503, 301, 302, 307, 304, 299, 600]))
        found = {"Location": "http://127.0.0.1:9/"} if status in (301, 302, 307) else {}
        body = "" if status in WITHOUT_BODY else draw(st.sampled_from(EXCERPTS))
        return {"status": status, "body": body, "headers": found}
    if kind == "later":
        status = draw(st.sampled_from([429, 503, 503, 500]))
        if draw(st.booleans()):
            return {"status": status, "retry_at": draw(st.sampled_from([-60, 3, 7, 350, 4000, 10**6]))}
        after = [
            "0",
            "7",
            " 8 ",
            "400",
            "9999",
            "99999999999",
            "-5",
            "1.5",
            "soon",
            "",
            "٣",
            "Sun, 06 Nov 1994 08:49:37 GMT",
        ]
        return {"status": status, "headers": {"Retry-After": draw(st.sampled_from(after[:-2] + after[-1:]))}}
    if kind == "gone":
        return {"status": 410}
    if kind == "big":
        size = draw(st.sampled_from([65535, 65536, 65537, 80000]))
        return {"status": draw(st.sampled_from([200, 500])), "size": size}
    return draw(
        st.sampled_from(
            [{"instead": "reset"}, {"instead": "close"}, {"instead": "garbage"}, {"status": 200, "content_length": 50}]
        )
    )
