"""Signatures as Standard Webhooks 1.0 defines them, over bytes: a body need not be JSON."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

SECRET_PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A fresh signing secret: `whsec_` and 32 random bytes in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 HMAC-SHA256 of `id.timestamp.body` under the secret's decoded bytes."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    message = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()


def signed_headers(secrets_newest_first: list[str], message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three `webhook-` headers of one attempt; several secrets sign while a rotation overlaps."""
    timestamp = int(now.timestamp())
    signatures = [signature(secret, message_id, timestamp, body) for secret in secrets_newest_first]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
