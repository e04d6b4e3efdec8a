import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import ImproperlyConfigured

from plumbing.secret_storage import check_keys, seal, unseal


def new_key():
    return Fernet.generate_key().decode()


def test_what_is_stored_does_not_show_the_secret():
    sealed = seal("whsec_abc")

    assert "whsec_abc" not in sealed
    assert unseal(sealed) == "whsec_abc"


def test_without_keys_the_secret_key_decides(settings):
    sealed = seal("whsec_abc")

    settings.SECRET_KEY = "another one"

    with pytest.raises(InvalidToken):
        unseal(sealed)


def test_a_new_first_key_still_reads_what_the_old_one_sealed(settings):
    old, new = new_key(), new_key()
    settings.ENCRYPTION_KEYS = old
    sealed = seal("whsec_abc")

    settings.ENCRYPTION_KEYS = f"{new}, {old}"

    assert unseal(sealed) == "whsec_abc"


def test_the_first_key_encrypts(settings):
    old, new = new_key(), new_key()
    settings.ENCRYPTION_KEYS = f"{new},{old}"
    sealed = seal("whsec_abc")

    settings.ENCRYPTION_KEYS = new

    assert unseal(sealed) == "whsec_abc"


def test_the_secret_key_reads_nothing_where_there_are_keys(settings):
    sealed = seal("whsec_abc")

    settings.ENCRYPTION_KEYS = new_key()

    with pytest.raises(InvalidToken):
        unseal(sealed)


@pytest.mark.parametrize("keys", ["short", "not base64 !", "Zm9v"])
def test_a_key_that_is_no_key_is_refused_at_the_start(settings, keys):
    settings.ENCRYPTION_KEYS = f"{new_key()},{keys}"

    with pytest.raises(ImproperlyConfigured, match="32 bytes in URL-safe base64"):
        check_keys()
