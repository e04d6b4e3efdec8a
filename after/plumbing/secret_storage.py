"""Secrets at rest: Fernet tokens (AES-128-CBC with HMAC-SHA256) under keys that rotate.

`WEBHOOKS_ENCRYPTION_KEYS` is a comma-separated list; the first key encrypts, every one decrypts.
"""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def seal(secret: str) -> str:
    """The text to store for a secret."""
    return _fernet(settings.ENCRYPTION_KEYS, settings.SECRET_KEY).encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret that was stored. Raises cryptography.fernet.InvalidToken under other keys."""
    return _unsealed(sealed, settings.ENCRYPTION_KEYS, settings.SECRET_KEY)


def check_keys() -> None:
    """Raises ImproperlyConfigured for a key that is not 32 bytes in URL-safe base64."""
    _fernet(settings.ENCRYPTION_KEYS, settings.SECRET_KEY)


@lru_cache(maxsize=1000)
def _unsealed(sealed: str, encryption_keys: str, secret_key: str) -> str:
    """Cached, because a worker signs many deliveries in a row with the same few secrets."""
    return _fernet(encryption_keys, secret_key).decrypt(sealed.encode()).decode()


@lru_cache
def _fernet(encryption_keys: str, secret_key: str) -> MultiFernet:
    keys = [key.strip() for key in encryption_keys.split(",") if key.strip()]
    if not keys:
        derived = hashlib.sha256(b"webhooks.secret_storage:" + secret_key.encode()).digest()
        keys = [base64.urlsafe_b64encode(derived).decode()]
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            "WEBHOOKS_ENCRYPTION_KEYS: each key is 32 bytes in URL-safe base64, as "
            "`python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'` prints."
        ) from error
