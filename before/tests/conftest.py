import pytest
from django.test import override_settings


@pytest.fixture(scope="session", autouse=True)
def _static_files_on_demand():
    """Whitenoise would read all of them anew for the client of each test."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield
