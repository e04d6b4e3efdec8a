"""The masked form of a customer's data, for clients that must not see it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from .event import Customer


def masked_name(name: str) -> str:
    """Each run of non-space characters is replaced by its first character and `***`."""
    return re.sub(r"(\S)\S*", r"\1***", name)


def masked_email(email: str) -> str:
    """The first character, `***@` and the domain."""
    return f"{email[0]}***@{email.partition('@')[2]}"


def masked_iban(iban: str) -> str:
    """The first two and the last four characters, with a `*` for each between; only `*` if it has under eight."""
    if len(iban) < 8:
        return "*" * len(iban)
    return iban[:2] + "*" * (len(iban) - 6) + iban[-4:]


MASKS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "customer.name": ("name", masked_name),
    "customer.email": ("email", masked_email),
    "customer.iban": ("iban", masked_iban),
}
"""The possible entries of a `mask` option: the customer's field, and its masked form."""


def masked(customer: Customer, entries: Iterable[str]) -> Customer:
    """The customer as a client with these entries in its `mask` option sees it."""
    changes = {}
    for entry in entries:
        field, mask = MASKS[entry]
        value = getattr(customer, field)
        if value is not None:
            changes[field] = mask(value)
    return replace(customer, **changes)


def mask_text(text: str, customer: Customer, entries: Iterable[str], length: int) -> str:
    """The text's first `length` characters, with every exact occurrence of a masked field's value masked. The longest
    value is masked first, because it may contain another.

    The text is masked before it is cut, but only as much of it is searched as the result needs.
    """
    values = {}
    for entry in entries:
        field, mask = MASKS[entry]
        value = getattr(customer, field)
        if value is not None:
            values[value] = mask(value)
    if not values:
        return text[:length]
    longest_first = sorted(values, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    masked_text, at = "", 0
    while len(masked_text) < length and at < len(text):
        wanted = at + length - len(masked_text)
        found = pattern.search(text, at, wanted + len(longest_first[0]))
        if found is None or found.start() >= wanted:
            return masked_text + text[at:wanted]
        masked_text += text[at : found.start()] + values[found[0]]
        at = found.end()
    return masked_text[:length]
