"""The contract's example event, and changes of it."""

import copy
from typing import Any

ABSENT: Any = object()

EXAMPLE: dict[str, Any] = {
    "type": "payment.captured",
    "occurred_at": "2026-11-22T13:27:24.123456Z",
    "data": {
        "payment_id": "pay_01",
        "amount": "10.10",
        "currency": "USD",
        "status": "captured",
        "customer": {
            "id": "cus_1",
            "name": "Zoë Müller",
            "email": "zoe@example.com",
            "iban": "DE89370400440532013000",
        },
        "reference": None,
        "failure": None,
    },
}


def event(changes: dict[str, Any] | None = None, **paths: Any) -> dict[str, Any]:
    """A valid event with changes: `event(type="payout.paid", data__customer__name="A")`.

    `changes` takes JSON pointers for members that no keyword can name: `event({"/data/amount": "1"})`. ABSENT removes.
    """
    result = copy.deepcopy(EXAMPLE)
    pointers = {tuple(pointer.split("/")[1:]): value for pointer, value in (changes or {}).items()}
    for path, value in {**pointers, **{tuple(name.split("__")): v for name, v in paths.items()}}.items():
        *parents, last = path
        target = result
        for parent in parents:
            target = target[parent]
        if value is ABSENT:
            del target[last]
        else:
            target[last] = value
    return result
