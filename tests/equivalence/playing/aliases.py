"""Ids, keys, secrets and lease tokens by number, in the order in which they were seen.

Two stages draw other random values for the same thing. Where both have done the same, what one calls "event 2" is what
the other calls "event 2", and everything else can be compared byte for byte.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

RANDOM = re.compile(
    r"(?P<event>evt_[0-9A-HJKMNP-TV-Z]{26})"
    r"|(?P<delivery>dlv_[0-9A-HJKMNP-TV-Z]{26})"
    r"|(?P<key>whk_[A-Za-z0-9_-]{43})"
    r"|(?P<prefix>whk_[A-Za-z0-9_-]{8})"
    r"|(?P<secret>whsec_[A-Za-z0-9+/]{43}=)"
)
TIME_OF_ULID = slice(4, 14)  # its first ten characters; the clock is the same for all, so they are, too
PREFIX_LENGTH = 12
# Real time, which is never the same twice: in an answer's JSON and on an admin page.
DURATION = re.compile(r'("duration_ms":\s*|field-duration_ms">\s*<p>)[0-9]+')
# A digest of the client's row, and so of its endpoint's URL, which has the player's own port.
FORM_VERSION = re.compile(r'(name="seen" value=")[0-9a-f]{64}')
CSRF_TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")[A-Za-z0-9]{64}')


class Aliases:
    """The values that a history has seen so far. `ports` are those of the receiver, different for each player."""

    def __init__(self, *ports: int) -> None:
        self._port = re.compile(rf"(?<![0-9])(?:{'|'.join(map(str, ports))})(?![0-9])")
        self.seen: dict[str, list[str]] = {"event": [], "delivery": [], "key": [], "secret": [], "token": []}

    def text(self, text: str) -> str:
        """The text with everything random in it named by its number."""
        text = self._port.sub("(port)", DURATION.sub(r"\g<1>0", text))
        return RANDOM.sub(self._named, CSRF_TOKEN.sub(r"\g<1>(any)", FORM_VERSION.sub(r"\g<1>(any)", text)))

    def _named(self, match: re.Match[str]) -> str:
        kind, value = str(match.lastgroup), match[0]
        if kind == "prefix":
            return next(
                (f"(prefix {n})" for n, key in enumerate(self.seen["key"]) if key.startswith(value)), "(unknown prefix)"
            )
        time = f" at {value[TIME_OF_ULID]}" if kind in ("event", "delivery") else ""
        return f"({kind} {self.number(kind, value)}{time})"

    def number(self, kind: str, value: str) -> int:
        known = self.seen[kind]
        if value not in known:
            known.append(value)
        return known.index(value)

    def digest(self, digest: str) -> str:
        """A key's stored SHA-256."""
        digests = [hashlib.sha256(key.encode()).hexdigest() for key in self.seen["key"]]
        return f"(digest {digests.index(digest)})" if digest in digests else "(digest of no known key)"

    def signatures(self, headers: Mapping[str, str], body: bytes) -> str:
        """Which of the secrets seen made each signature of a request, as Standard Webhooks defines them."""
        signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
        made_by = {_signature(secret, signed): n for n, secret in enumerate(self.seen["secret"])}
        given = headers.get("webhook-signature", "").split(" ")
        return " ".join(
            f"(by secret {made_by[signature]})" if signature in made_by else "(by no known secret)"
            for signature in given
        )


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
