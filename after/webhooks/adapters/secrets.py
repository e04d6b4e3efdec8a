"""Signing secrets, sealed by plumbing."""

from plumbing import secret_storage, signing
from webhooks.application.ports import NewSecret


class SealedSecrets:
    """The `Secrets` port: 32 random bytes, kept as a Fernet token."""

    def new_secret(self) -> NewSecret:
        shown = signing.new_secret()
        return NewSecret(shown, secret_storage.seal(shown))
