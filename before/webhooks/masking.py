"""The masked form of a customer's data, for clients that must not see it."""

import re


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


MASKS = {
    "customer.name": ("customer_name", masked_name),
    "customer.email": ("customer_email", masked_email),
    "customer.iban": ("customer_iban", masked_iban),
}


def masked_values(event, fields) -> dict[str, str]:
    """The event's values and their replacements, for these entries of a `mask` option."""
    values = {}
    for field in fields:
        attribute, mask = MASKS[field]
        value = getattr(event, attribute)
        if value is not None:
            values[value] = mask(value)
    return values


def mask_text(text: str, values: dict[str, str], length: int) -> str:
    """The text's first `length` characters, with every exact occurrence of a value masked. The longest value is masked
    first, because it may contain another.

    The text is masked before it is cut, but only as much of it is searched as the result needs.
    """
    if not values:
        return text[:length]
    longest_first = sorted(values, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    masked, at = "", 0
    while len(masked) < length and at < len(text):
        wanted = at + length - len(masked)
        found = pattern.search(text, at, wanted + len(longest_first[0]))
        if found is None or found.start() >= wanted:
            return masked + text[at:wanted]
        masked += text[at : found.start()] + values[found[0]]
        at = found.end()
    return masked[:length]
