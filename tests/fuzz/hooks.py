"""The hooks for schemathesis: a tally of all answers, and a check of our own."""

import json
import os
from pathlib import Path

import schemathesis


@schemathesis.hook
def after_call(context, case, response):
    """Notes the answer, so that the test can see how far the run has come."""
    with Path(os.environ["FUZZ_TALLY"]).open("a") as tally:
        tally.write(json.dumps([case.operation.label, case.method, response.status_code]) + "\n")


@schemathesis.check
def problems_are_problem_documents(ctx, response, case):
    """RFC 9457, also if a method or a path is not in the document; the status equals the status line's."""
    if response.status_code < 400:
        return
    assert response.headers.get("content-type") == ["application/problem+json"], "not a problem document"
    problem = response.json()
    assert problem["status"] == response.status_code, "the problem document names another status"
    assert problem["title"], "the problem document has no title"
