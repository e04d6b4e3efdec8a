"""All stages serve the same OpenAPI document."""

import json

from histories import BEGINNINGS, call
from players import company

from workshop.base.stages import all_stages as every_stage


def test_the_openapi_documents_of_all_stages_are_the_same():
    here = [stage.folder for stage in every_stage()]
    assert len(here) > 1, "there is nothing to compare"
    history = {"at": BEGINNINGS[0], "steps": [call("GET", "/v1/openapi.json", "none")]}

    with company(here) as all_stages:
        accounts = all_stages.play(history)

    documents = {stage.name: account[0]["response"]["body"] for stage, account in zip(here, accounts, strict=True)}
    first = documents[here[0].name]
    assert json.loads(first)["paths"], "the document must not be empty"
    assert {name: json.loads(document) for name, document in documents.items()} == {
        name: json.loads(first) for name in documents
    }
    assert set(documents.values()) == {first}, "the same JSON in another order"
