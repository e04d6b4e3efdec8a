"""The test values for section 3's rules, rule by rule. Pointers name the members of an event."""

from typing import Any

STRINGS = (
    "/type",
    "/occurred_at",
    "/data/payment_id",
    "/data/amount",
    "/data/currency",
    "/data/status",
    "/data/customer/id",
    "/data/customer/name",
    "/data/customer/email",
    "/data/customer/iban",
    "/data/reference",
    "/data/failure/code",
    "/data/failure/message",
)
OBJECTS = ("/data", "/data/customer", "/data/failure")
MEMBERS = (*STRINGS, *OBJECTS)
NULLABLE = ("/data/customer/email", "/data/customer/iban", "/data/reference", "/data/failure")

TYPES = (
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "payment.refunded",
    "payout.paid",
)
NO_TYPES = (
    "payment",
    "payment.*",
    "*",
    "payment.lost",
    "payout.captured",
    "Payment.Captured",
    "PAYMENT.CAPTURED",
    " payment.captured",
    "payment.captured\n",
    "payment-captured",
    "paymentXcaptured",
)

TIMES = (  # as posted, as stored: UTC with microseconds
    ("2026-11-22T13:27:24.123456Z", "2026-11-22T13:27:24.123456Z"),
    ("2026-11-22T13:27:24Z", "2026-11-22T13:27:24.000000Z"),
    ("2026-11-22T13:27:24.1Z", "2026-11-22T13:27:24.100000Z"),
    ("2026-11-22T13:27:24.12Z", "2026-11-22T13:27:24.120000Z"),
    ("2026-11-22T13:27:24.123Z", "2026-11-22T13:27:24.123000Z"),
    ("2026-11-22T13:27:24.1234Z", "2026-11-22T13:27:24.123400Z"),
    ("2026-11-22T13:27:24.12345Z", "2026-11-22T13:27:24.123450Z"),
    ("2026-11-22T13:27:24.000001Z", "2026-11-22T13:27:24.000001Z"),
    ("2026-11-22T13:27:59.999999+00:00", "2026-11-22T13:27:59.999999Z"),
    ("2026-11-22T13:27:24-00:00", "2026-11-22T13:27:24.000000Z"),
    ("2026-11-22T00:30:00+01:00", "2026-11-21T23:30:00.000000Z"),
    ("2026-12-31T20:00:00-05:30", "2027-01-01T01:30:00.000000Z"),
    ("2026-11-22T13:00:00+14:00", "2026-11-21T23:00:00.000000Z"),
    ("2026-11-22T13:00:00+05:45", "2026-11-22T07:15:00.000000Z"),
    ("2026-11-22T00:00:00.5+23:59", "2026-11-21T00:01:00.500000Z"),
    ("2026-11-22T00:00:00Z", "2026-11-22T00:00:00.000000Z"),
    ("2026-11-22T23:59:59Z", "2026-11-22T23:59:59.000000Z"),
    ("2028-02-29T12:00:00Z", "2028-02-29T12:00:00.000000Z"),
    ("2000-02-29T12:00:00Z", "2000-02-29T12:00:00.000000Z"),
    # The limits apply to the year in UTC.
    ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
    ("1969-12-31T23:30:00-01:00", "1970-01-01T00:30:00.000000Z"),
    ("2200-12-31T23:59:59.999999Z", "2200-12-31T23:59:59.999999Z"),
    ("2201-01-01T00:30:00+01:00", "2200-12-31T23:30:00.000000Z"),
)
NO_TIMES = (
    # Years
    "1969-12-31T23:59:59.999999Z",
    "1970-01-01T00:30:00+01:00",
    "2201-01-01T00:00:00Z",
    "2200-12-31T23:30:00-01:00",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "12026-11-22T13:27:24Z",
    "26-11-22T13:27:24Z",
    "+2026-11-22T13:27:24Z",
    "-2026-11-22T13:27:24Z",
    # Days and times that do not exist
    "2026-00-22T13:27:24Z",
    "2026-13-22T13:27:24Z",
    "2026-11-00T13:27:24Z",
    "2026-11-31T13:27:24Z",
    "2026-02-29T13:27:24Z",
    "2100-02-29T13:27:24Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T13:60:24Z",
    "2026-11-22T13:27:60Z",
    "2016-12-31T23:59:60Z",  # there was a leap second
    "2026-11-22T13:27:61Z",
    # Other shapes
    "2026-11-22",
    "2026-11-22T13:27Z",
    "2026-11-22T13Z",
    "2026-11-22T13:27:24",
    "2026-11-22 13:27:24Z",
    "2026-11-22t13:27:24Z",
    "2026-11-22T13:27:24z",
    "20261122T132724Z",
    "2026-11-22T132724Z",
    "2026-1-2T13:27:24Z",
    "2026-11-22T3:27:24Z",
    "2026-W47-7T13:27:24Z",
    "2026-326T13:27:24Z",
    "2026/11/22T13:27:24Z",
    "Sun, 22 Nov 2026 13:27:24 GMT",
    "1795354044",
    "now",
    # Fractions
    "2026-11-22T13:27:24.Z",
    "2026-11-22T13:27:24.1234567Z",
    "2026-11-22T13:27:24.123456000Z",
    "2026-11-22T13:27:24,5Z",
    "2026-11-22T13:27:24. 5Z",
    "2026-11-22T13:27.5Z",
    # Offsets
    "2026-11-22T13:27:24+24:00",
    "2026-11-22T13:27:24+01:60",
    "2026-11-22T13:27:24+0100",
    "2026-11-22T13:27:24+01",
    "2026-11-22T13:27:24+1:00",
    "2026-11-22T13:27:24+01:00:00",
    "2026-11-22T13:27:24 +01:00",
    "2026-11-22T13:27:24\N{MINUS SIGN}01:00",
    "2026-11-22T13:27:24Z+01:00",
    "2026-11-22T13:27:24ZZ",
    "2026-11-22T13:27:24UTC",
    "2026-11-22T13:27:24[Europe/Berlin]",
    # Around and inside
    " 2026-11-22T13:27:24Z",
    "2026-11-22T13:27:24Z ",
    "2026-11-22T13:27:24Z\n",
    "2026-11-22T13:27:2\N{ARABIC-INDIC DIGIT FOUR}Z",
    "\N{FULLWIDTH DIGIT TWO}026-11-22T13:27:24Z",
)

NO_CURRENCIES = (
    "DEM",
    "HRK",
    "ZWL",
    "VEF",  # withdrawn
    "XAU",
    "XDR",
    "XTS",
    "XXX",  # without a minor unit
    "ZZZ",
    "usd",
    "Usd",
    "US",
    "USDX",
    "840",
    " USD",
    "USD ",
    "USD\n",
    "U\N{CYRILLIC CAPITAL LETTER DZE}D",
    "\N{FULLWIDTH LATIN CAPITAL LETTER U}SD",
    "",
    None,
    840,
    True,
    ["USD"],
)

AMOUNTS = (  # currency, as posted, as stored: with exactly the decimals of the currency
    ("USD", "10.10", "10.10"),
    ("USD", "10", "10.00"),
    ("USD", "10.1", "10.10"),
    ("USD", "010.10", "10.10"),
    ("USD", "0", "0.00"),
    ("USD", "0.00", "0.00"),
    ("USD", "000", "0.00"),
    ("USD", "0.01", "0.01"),
    ("USD", "9999999999999.99", "9999999999999.99"),
    ("USD", "0009999999999999.99", "9999999999999.99"),
    ("USD", "0" * 400 + "1", "1.00"),
    ("JPY", "1099", "1099"),
    ("JPY", "007", "7"),
    ("JPY", "0", "0"),
    ("JPY", "9" * 15, "9" * 15),
    ("KWD", "1", "1.000"),
    ("KWD", "1234.5", "1234.500"),
    ("KWD", "1.234", "1.234"),
    ("KWD", "999999999999.999", "999999999999.999"),
    ("CLF", "1.2345", "1.2345"),
    ("CLF", "0.0001", "0.0001"),
    ("CLF", "99999999999.9999", "99999999999.9999"),
    ("MXV", "7.5", "7.50"),
    ("UGX", "500", "500"),
)
NO_AMOUNTS = (
    ("USD", "10.101"),
    ("USD", "10.100"),
    ("USD", "10000000000000.00"),
    ("USD", "10000000000000"),
    ("JPY", "1.0"),
    ("JPY", "1" + "0" * 15),
    ("KWD", "1.2345"),
    ("KWD", "1000000000000"),
    ("CLF", "1.23456"),
    ("CLF", "100000000000"),
    ("USD", "9" * 400),
    ("USD", "+1"),
    ("USD", "-1"),
    ("USD", "-0"),
    ("USD", "1e3"),
    ("USD", "1E3"),
    ("USD", "1e"),
    ("USD", "0x10"),
    ("USD", ".5"),
    ("USD", "5."),
    ("USD", "."),
    ("USD", "1.2.3"),
    ("USD", "1..2"),
    ("USD", "1,50"),
    ("USD", "1,000.00"),
    ("USD", "1_000"),
    ("USD", "1 000"),
    ("USD", " 1"),
    ("USD", "1 "),
    ("USD", "1\n"),
    ("USD", "1.\n"),
    ("USD", "$1"),
    ("USD", "NaN"),
    ("USD", "Infinity"),
    ("USD", "inf"),
    ("USD", "\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT ZERO}"),
    ("USD", "\N{FULLWIDTH DIGIT ONE}"),
    ("USD", "1.\N{ARABIC-INDIC DIGIT FIVE}"),
    ("USD", "\N{SUPERSCRIPT TWO}"),
)

NOTE = "\N{MUSICAL SYMBOL G CLEF}"  # one code point, two UTF-16 units, four bytes of UTF-8
LIMITS = (  # pointer, how many code points at most, the character to try it with
    ("/data/payment_id", 64, "p"),
    ("/data/customer/id", 64, "c"),
    ("/data/status", 32, NOTE),
    ("/data/failure/code", 32, NOTE),
    ("/data/customer/iban", 34, NOTE),
    ("/data/customer/name", 140, NOTE),
    ("/data/reference", 140, NOTE),
    ("/data/failure/message", 500, NOTE),
)

FREE_TEXTS = (
    "/data/status",
    "/data/customer/name",
    "/data/customer/iban",
    "/data/reference",
    "/data/failure/code",
    "/data/failure/message",
)
KEPT_AS_THEY_ARE = (
    " ",
    "  two spaces around  ",
    "line\r\nend\n",
    "\ttab",
    "\x01\x1f\x7f\x80",
    "e\N{COMBINING ACUTE ACCENT}",  # not composed to é
    "\N{ANGSTROM SIGN}",
    "\N{LINE SEPARATOR}\N{ZERO WIDTH NO-BREAK SPACE}\uffff",
    "<b>&amp;</b>",
    "null",
    "Ünïcödé \N{GRINNING FACE}",
)

IDS = ("/data/payment_id", "/data/customer/id")
NO_IDS = (
    "pay 01",
    " pay",
    "pay ",
    "pay\n",
    "pay\t",
    "pay\x7f",
    "pay\x1f",
    "pay\x80",
    "pay\N{NO-BREAK SPACE}",
    "é",
    "\N{ARABIC-INDIC DIGIT ONE}",
)

EMAILS = ("a@b", "a" * 252 + "@b", NOTE * 252 + "@b", "\N{GRINNING FACE}@é")
NO_EMAILS = ("zoe", "@", "@b", "a@", "a@@b", "a@b@c", "@a@b", "a@b@", "a" * 253 + "@b")

UNKNOWN_NAMES = (  # a member's name, and how a pointer writes it
    ("extra", "extra"),
    ("a/b", "a~1b"),
    ("m~n", "m~0n"),
    ("~1", "~01"),
    ("/~", "~1~0"),
    ("", ""),
    (" ", " "),
    ("é", "é"),
    ('"', '"'),
    ("%2F", "%2F"),
    ("0", "0"),
    ("\0", "\0"),
    ("non_field_errors", "non_field_errors"),
    ("\ud800", "\ud800"),
)

WRONG_TYPES = (7, 10.1, True, ["text"], {"text": "text"})


def whole(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Changes that fill every nullable member of the example event, and then these."""
    return {
        "/data/reference": "invoice 7",
        "/data/failure": {"code": "51", "message": "Not sufficient funds"},
        **(changes or {}),
    }


def at(document: Any, pointer: str) -> Any:
    """The member that the pointer names in the document."""
    for name in pointer.split("/")[1:]:
        document = document[name]
    return document
