"""The answer to a refused request (RFC 9457)."""

from collections.abc import Collection

from .http import Response

# RFC 9110, section 15. Python 3.11 still has the older names of 413 and 422.
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    503: "Service Unavailable",
}


def assert_problem(
    response: Response, status: int, pointers: Collection[str] | None = None, naming: str | None = None
) -> dict:
    """The response is this problem, with exactly these pointers, each once. Returns the document.

    `naming` lists the names in the details of errors with an empty pointer, which are about headers and queries.
    """
    assert response.status == status, f"{response.status} in place of {status}: {response.body[:600]!r}"
    assert response.content_type == "application/problem+json"
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert problem["type"] == "about:blank"
    assert problem["title"] == TITLES[status]
    assert problem["status"] == status
    assert isinstance(problem["detail"], str) and problem["detail"]
    for error in problem["errors"]:
        assert set(error) == {"pointer", "detail"}
        assert isinstance(error["detail"], str) and error["detail"]
        assert error["pointer"] == "" or error["pointer"].startswith("/")
    if pointers is not None:
        assert sorted(error["pointer"] for error in problem["errors"]) == sorted(pointers), problem
    if naming is not None:
        nameless = [error["detail"] for error in problem["errors"] if error["pointer"] == ""]
        assert any(naming.lower() in detail.lower() for detail in nameless), problem
    return problem
