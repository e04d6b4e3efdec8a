"""The composition root: every port has an adapter behind it, and all share what they must share."""

from dataclasses import fields, is_dataclass

import pytest

from webhooks.adapters.sender import HttpSender
from webhooks.application import UseCases, use_cases
from webhooks.application import ports as every_port
from webhooks.composition import compose, in_transaction

PORTS = ("Clients", "Clock", "Deliveries", "Doorbell", "Events", "Randomness", "Secrets", "Sender", "Transaction")


def behind_ports(use_case):
    """`(port, adapter)` for every port that a use case has, also through what it is made of."""
    for field in fields(use_case):
        value = getattr(use_case, field.name)
        name = getattr(field.type, "__name__", str(field.type)).strip('"')
        if name in PORTS:
            yield name, value
        elif is_dataclass(value):
            yield from behind_ports(value)


def everything(use_cases):
    return [pair for field in fields(UseCases) for pair in behind_ports(getattr(use_cases, field.name))]


def test_every_port_has_one_adapter_in_the_whole_server():
    found = everything(compose())

    assert {port for port, _ in found} == set(PORTS)
    for port in PORTS:
        assert len({id(adapter) for name, adapter in found if name == port}) == 1, port


@pytest.mark.parametrize("port", PORTS)
def test_an_adapter_has_every_method_of_its_port(port):
    protocol = getattr(every_port, port)
    (adapter,) = {id(one): one for name, one in everything(compose()) if name == port}.values()

    offered = [name for name, value in list(vars(protocol).items()) if callable(value) and not name.startswith("_")]

    assert [name for name in offered if not callable(getattr(adapter, name, None))] == []
    assert offered or callable(adapter)  # a transaction is a call and nothing else


def test_django_installs_them_when_it_starts():
    assert isinstance(use_cases(), UseCases)
    assert isinstance(use_cases().deliver_due.sender, HttpSender)
    assert use_cases() is use_cases()


def test_the_platform_says_of_itself_what_the_settings_say(settings):
    settings.CLOUDEVENTS_SOURCE, settings.CLOUDEVENTS_TYPE_PREFIX = "https://pay.example", "example.pay."

    composed = compose()

    for platform in (composed.preview_event.platform, composed.accept_event.fan_out.platform):
        assert (platform.source, platform.type_prefix) == ("https://pay.example", "example.pay.")


def test_transactions_nest_without_savepoints():
    assert in_transaction().savepoint is False
