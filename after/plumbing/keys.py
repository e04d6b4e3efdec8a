"""API keys: 256 random bits, shown once and stored as a SHA-256 digest.

A slow password hash would not help, because a random key of this length cannot be guessed.
"""

import hashlib
import secrets

PREFIX_LENGTH = 12


def new_key() -> str:
    """A fresh key: `whk_` and 43 URL-safe characters."""
    return "whk_" + secrets.token_urlsafe(32)


def prefix_of(key: str) -> str:
    """The part of a key that may be stored and shown, to distinguish keys."""
    return key[:PREFIX_LENGTH]


def digest_of(key: str) -> str:
    """The digest that is stored instead of a key: 64 hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()


def bearer_key(authorization: str) -> str | None:
    """The key of an `Authorization: Bearer …` header (RFC 6750), or None."""
    scheme, _, key = authorization.strip().partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None
