"""The composition root: every port has an adapter, and adapters share the objects that they must share."""

from dataclasses import fields, is_dataclass

import pytest

from webhooks.adapters.sender import HttpSender
from webhooks.application import UseCases
from webhooks.application.composing import Ports, compose
from webhooks.composition import adapters, in_transaction, use_cases_of_this_process
from webhooks.domain.formats.format import Platform
from webhooks.process import use_cases

PORTS = [field.name for field in fields(Ports)]


def used_by(use_case):
    """`(field, adapter)` for every port that a use case has, also through what it is made of."""
    for field in fields(use_case):
        value = getattr(use_case, field.name)
        yield value
        if is_dataclass(value):
            yield from used_by(value)


def test_every_port_has_one_adapter_in_the_whole_server():
    behind = adapters()

    composed = compose(behind, Platform())

    used = [value for field in fields(UseCases) for value in used_by(getattr(composed, field.name))]
    for port in PORTS:
        assert any(value is getattr(behind, port) for value in used), port


@pytest.mark.parametrize("port", PORTS)
def test_an_adapter_has_every_method_of_its_port(port):
    protocol = next(field.type for field in fields(Ports) if field.name == port)
    adapter = getattr(adapters(), port)

    offered = [name for name, value in list(vars(protocol).items()) if callable(value) and not name.startswith("_")]

    assert [name for name in offered if not callable(getattr(adapter, name, None))] == []
    assert offered or callable(adapter)  # the transaction is only this call


def test_the_app_composes_them_when_django_starts():
    assert isinstance(use_cases(), UseCases)
    assert isinstance(use_cases().deliver_due.sender, HttpSender)
    assert use_cases() is use_cases()


def test_the_platform_says_of_itself_what_the_settings_say(settings):
    settings.CLOUDEVENTS_SOURCE, settings.CLOUDEVENTS_TYPE_PREFIX = "https://pay.example", "example.pay."

    composed = use_cases_of_this_process()

    for platform in (composed.preview_event.platform, composed.accept_event.fan_out.platform):
        assert (platform.source, platform.type_prefix) == ("https://pay.example", "example.pay.")


def test_transactions_nest_without_savepoints():
    assert in_transaction().savepoint is False
