import io

import pytest

from config.wsgi import application
from plumbing.strange_text import Utf8Request


def environ(query="", **more):
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/healthz",
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
        **more,
    }


@pytest.mark.parametrize("content_type", ["text/plain; charset=hex", "text/plain; charset=utf-16", "x; y*=nope''%ff"])
def test_no_content_type_chooses_how_a_query_is_read(content_type):
    request = application.request_class(environ("name=%C3%A9", CONTENT_TYPE=content_type))

    assert request.GET["name"] == "é"


def test_a_thousand_parameters_are_an_answer_and_no_crash():
    request = Utf8Request(environ("&".join(["a=%ff"] * 1500), CONTENT_TYPE="text/plain; charset=utf-8"))

    assert application.get_response(request).status_code == 400


@pytest.mark.parametrize(
    "target", ["/admin/login/?next=%00", "/docs/?%00=1", "/static/%00", "/admin/%00", "/x?a=b&a=%00"]
)
def test_u_0000_in_a_path_or_a_query_is_400(client, db, target):
    assert client.get(target).status_code == 400


def test_a_cookie_with_a_control_character_is_none(client, db):
    client.cookies["sessionid"] = '"abcdefgh\\000ijkl"'

    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/login/").status_code == 200


def test_the_docs_load_nothing_from_elsewhere(client, db):
    page = client.get("/docs/")

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "<script>" not in page.content.decode() and "https://" not in page.content.decode()
    assert "frame-ancestors 'none'" in client.get("/docs/?script").headers["Content-Security-Policy"]
