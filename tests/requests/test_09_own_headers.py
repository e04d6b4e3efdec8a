"""Request 09: a client's own headers go out with each attempt, and nobody can read their values afterwards."""

import pytest

from harness.problems import assert_problem
from harness.receiver import Answer

TOKEN = "Bearer 7b0f-not-for-support"
OWN = {"Authorization": TOKEN, "X-Env": "prod"}
HIDDEN = {"Authorization": "***", "X-Env": "***"}
TEN = {f"X-Number-{number}": str(number) for number in range(10)}


def sent_as(request, name):
    """Every value of this header in the request, with the name as it was sent."""
    return [pair for pair in request.header_list if pair[0].lower() == name.lower()]


def test_every_attempt_carries_the_present_headers_as_they_were_given(create_client, accepted, deliver, clock):
    client = create_client(headers=OWN)
    client.inbox.answer(Answer(500), Answer())
    accepted()
    deliver()

    changed = client.api.patch(client.url, {"headers": {"x-TRACE": "a  b: c"}})
    clock.move(seconds=7)
    deliver()

    assert changed.status == 200
    first, second = client.inbox
    assert sent_as(first, "authorization") == [("Authorization", TOKEN)]
    assert sent_as(first, "x-env") == [("X-Env", "prod")]
    assert sent_as(second, "x-trace") == [("x-TRACE", "a  b: c")]
    assert sent_as(second, "authorization") == sent_as(second, "x-env") == []


def test_a_test_event_carries_them_next_to_the_servers_own_headers(create_client, deliver):
    plain, client = create_client(), create_client(headers=OWN)
    for each in (plain, client):
        each.api.post(f"{each.url}/test", {})

    deliver()

    request = client.inbox.last
    assert sent_as(request, "authorization") == [("Authorization", TOKEN)]
    assert sorted(request.headers) == sorted([*plain.inbox.last.headers, "authorization", "x-env"])


def test_the_values_are_shown_when_the_client_is_created_and_never_again(create_client, api):
    client = create_client(headers=OWN)

    renamed = api.patch(client.url, {"name": "Renamed"})
    shown = [renamed.json(), api.get(client.url).json(), client.api.get(client.url).json()]
    shown += api.get("/v1/clients").json()["results"]

    assert client.created["headers"] == OWN
    assert [each["headers"] for each in shown] == [HIDDEN] * 4


@pytest.mark.parametrize("by", ["operator", "client"])
def test_a_patch_replaces_them_whole_and_an_empty_object_removes_the_member(create_client, api, by):
    client = create_client(headers=OWN)
    caller = api if by == "operator" else client.api

    replaced = caller.patch(client.url, {"headers": TEN})
    removed = caller.patch(client.url, {"headers": {}})

    assert replaced.json()["headers"] == dict.fromkeys(TEN, "***")
    assert removed.status == 200
    assert "headers" not in removed.json()
    assert "headers" not in api.get(client.url).json()


NO_NAMES = ("", "a b", "a:b", "X-Ünï", "X\r\nY", "n" * 65)
NAMES_OF_THE_SERVER = (
    *(
        "Host",
        "user-agent",
        "Accept-Encoding",
        "CONTENT-TYPE",
        "Content-Length",
        "Content-Encoding",
        "cookie",
        "Expect",
    ),
    *("Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "proxy-authorization", "te", "Trailer"),
    *("Transfer-Encoding", "upgrade", "Webhook-Id", "webhook-other"),
)
REFUSED_VALUES = ["", " a", "a ", "a\r\nX-Other: b", "a\nb", "a\tb", "a\0b", "é", "v" * 513, "***", None, 5, ["a"]]
LONGEST = {"n" * 64: "v" * 512, "!#$%&'*+-.^_`|~09azAZ": "~ !"}


def test_every_bad_name_or_value_is_named_and_changes_nothing(create_client, client_document, api):
    client = create_client(headers=LONGEST)
    refused = [({name: "a"}, {f"/headers/{name}"}) for name in (*NO_NAMES, *NAMES_OF_THE_SERVER)]
    refused += [({"X-Env": value}, {"/headers/X-Env"}) for value in REFUSED_VALUES]
    refused += [({"a/b": "a"}, {"/headers/a~1b"})]
    refused += [({"X-Good": "a", "X-Bad": "é", "Host": "a"}, {"/headers/X-Bad", "/headers/Host"})]

    for headers, pointers in refused:
        assert_problem(api.post("/v1/clients", client_document(headers=headers)), 422, pointers)
        assert_problem(api.patch(client.url, {"headers": headers}), 422, pointers)

    assert api.get(client.url).json()["headers"] == dict.fromkeys(LONGEST, "***")
    assert len(api.get("/v1/clients").json()["results"]) == 1


def test_the_second_spelling_of_one_name_is_refused(create_client, client_document, api):
    client = create_client(headers={"X-Env": "prod"})
    twice = {"X-Env": "prod", "X-Other": "a", "x-env": "test"}

    created = api.post("/v1/clients", client_document(headers=twice))
    patched = api.patch(client.url, {"headers": twice})

    assert_problem(created, 422, {"/headers/x-env"})
    assert_problem(patched, 422, {"/headers/x-env"})


@pytest.mark.parametrize("headers", [None, [], "X-Env: prod", 5, True, {**TEN, "X-Eleventh": "11"}], ids=repr)
def test_it_is_an_object_of_at_most_ten_entries(create_client, client_document, api, headers):
    client = create_client(headers=TEN)

    created = api.post("/v1/clients", client_document(headers=headers))
    patched = api.patch(client.url, {"headers": headers})

    assert_problem(created, 422, {"/headers"})
    assert_problem(patched, 422, {"/headers"})


def test_no_value_is_readable_in_the_database_the_logs_or_the_admin(
    create_client, accepted, deliver, api, admin, key_of, database, server
):
    client = create_client(headers=OWN)
    api.patch(client.url, {"headers": OWN})
    accepted()
    run = deliver()
    path = f"/admin/clients/client/{key_of(client.slug)}/change/"

    saved = admin.submit(path, {"name": "Renamed"})
    accepted()
    deliver()

    assert saved.status == 302
    places = [admin.get(path).html, admin.get("/admin/clients/client/").html, server.log(), run.stderr]
    places += [file.decode("latin-1") for file in database.files()] + [repr(database.snapshot())]
    assert len(client.inbox) == 2
    assert [TOKEN in place for place in places] == [False] * len(places)
    assert sent_as(client.inbox.last, "authorization") == [("Authorization", TOKEN)]


def test_the_document_describes_the_member(api):
    document = api.get("/v1/openapi.json").json()

    def members(of):
        (content,) = of["content"].values()
        return document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]["properties"]

    post, patch = document["paths"]["/v1/clients"]["post"], document["paths"]["/v1/clients/{slug}"]["patch"]
    for described in (post["requestBody"], post["responses"]["201"], patch["requestBody"], patch["responses"]["200"]):
        assert "headers" in members(described)
