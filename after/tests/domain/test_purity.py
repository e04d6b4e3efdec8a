"""The domain's values are values."""

import inspect
from dataclasses import FrozenInstanceError, fields, is_dataclass
from importlib import import_module
from pkgutil import walk_packages

import pytest

import webhooks.application
import webhooks.domain
from tests.builders import a_claimed_delivery, an_endpoint, an_event


def modules(package):
    for found in walk_packages(package.__path__, package.__name__ + "."):
        yield import_module(found.name)


def dataclasses_of(package):
    for module in modules(package):
        for _, found in inspect.getmembers(module, is_dataclass):
            if found.__module__ == module.__name__:
                yield found


@pytest.mark.parametrize("package", [webhooks.domain, webhooks.application], ids=lambda package: package.__name__)
def test_every_dataclass_is_frozen(package):
    found = list(dataclasses_of(package))

    assert found
    assert [dataclass.__name__ for dataclass in found if not dataclass.__dataclass_params__.frozen] == []


@pytest.mark.parametrize(
    "value", [an_event(), an_endpoint(), a_claimed_delivery()], ids=lambda value: type(value).__name__
)
def test_a_value_cannot_be_changed(value):
    with pytest.raises(FrozenInstanceError):
        setattr(value, fields(value)[0].name, "other")
