"""Finds the formats: every module of this package that defines `FORMATS`."""

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module

from .format import ANY_BODY, Ack, Format, Options
from .options import Problem


@cache
def all_formats() -> tuple[Format, ...]:
    """Every version of every format, by name and version."""
    package = __name__.rpartition(".")[0]
    folder = import_module(package).__path__
    modules = [import_module(f"{package}.{module.name}") for module in pkgutil.iter_modules(folder)]
    found = [format_ for module in modules for format_ in getattr(module, "FORMATS", ())]
    return tuple(sorted(found, key=lambda format_: (format_.name, format_.version)))


def get_format(name: str, version: int) -> Format:
    """The format version. Raises KeyError."""
    return _by_pin()[name, version]


def format_problems(name: str, version: int, options: Options) -> Iterable[Problem]:
    """The problems of a format to pin: its name, its version, or else every bad option."""
    versions = [format_.version for format_ in all_formats() if format_.name == name]
    if not versions:
        names = dict.fromkeys(format_.name for format_ in all_formats())
        return [Problem(("name",), f"One of {', '.join(names)} was expected.")]
    if version not in versions:
        return [Problem(("version",), f"{name} has the versions {', '.join(map(str, versions))}.")]
    found = get_format(name, version).problems(options)
    return [Problem(("options", *problem.path), problem.message) for problem in found]


def ack_of(rule: str) -> Ack:
    """The acknowledgement rule frozen with a delivery. A rule unknown to this version only needs a 2xx."""
    return _by_rule().get(rule, ANY_BODY)


@cache
def _by_pin() -> dict[tuple[str, int], Format]:
    return {(format_.name, format_.version): format_ for format_ in all_formats()}


@cache
def _by_rule() -> dict[str, Ack]:
    return {format_.ack.rule: format_.ack for format_ in all_formats()}
