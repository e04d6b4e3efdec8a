"""The `Secrets` port."""

import base64

import pytest

from plumbing import secret_storage
from tests.fakes import FakeSecrets
from tests.fakes.sender import unseal
from webhooks.adapters.secrets import SealedSecrets


@pytest.fixture(params=["fake", "real"])
def vault(request):
    """The port, and the way in which its sender opens a sealed secret."""
    return (FakeSecrets(), unseal) if request.param == "fake" else (SealedSecrets(), secret_storage.unseal)


def test_a_fresh_secret_is_32_bytes_in_base64(vault):
    secrets, _ = vault

    prefix, _, encoded = secrets.new_secret().shown.partition("_")

    assert prefix == "whsec"
    assert len(base64.b64decode(encoded, validate=True)) == 32


def test_no_secret_comes_twice(vault):
    secrets, _ = vault

    assert len({secrets.new_secret().shown for _ in range(20)}) == 20


def test_what_is_sealed_does_not_show_the_secret_and_opens_to_it(vault):
    secrets, open_it = vault

    secret = secrets.new_secret()

    assert secret.shown not in secret.sealed
    assert open_it(secret.sealed) == secret.shown
