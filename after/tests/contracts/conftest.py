import pytest

from tests.serving import server

from .storages import FakeStorage, OrmStorage

__all__ = ["server"]

STORAGES = {"fake": FakeStorage, "orm": OrmStorage}


@pytest.fixture(params=["fake", pytest.param("orm", marks=pytest.mark.django_db)])
def storage(request):
    """Inside one transaction of the test's, which is undone at its end."""
    return STORAGES[request.param]()


@pytest.fixture(params=STORAGES)
def committing_storage(request, transactional_db):
    """With transactions that really begin and end."""
    return STORAGES[request.param]()
