"""The check of our own says yes and no as it should. (schemathesis counts an AssertionError as a failure.)"""

import json
from types import SimpleNamespace

import pytest
from hooks import problems_are_problem_documents

PROBLEM = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "There is none.", "errors": []}


def check(status=404, content_type="application/problem+json", document=PROBLEM):
    headers = {"content-type": [content_type]} if content_type else {}
    response = SimpleNamespace(status_code=status, headers=headers, json=lambda: json.loads(json.dumps(document)))
    problems_are_problem_documents(None, response, None)


def test_a_problem_document_is_fine():
    check()


def test_an_answer_that_is_no_error_need_not_be_a_problem():
    check(status=204, content_type=None, document=None)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"content_type": "application/json"}, "not a problem document"),
        ({"content_type": None}, "not a problem document"),
        ({"status": 405}, "names another status"),
        ({"document": PROBLEM | {"title": ""}}, "has no title"),
    ],
)
def test_any_other_error_is_not(wrong, message):
    with pytest.raises(AssertionError, match=message):
        check(**wrong)
