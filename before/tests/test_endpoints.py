from rest_framework.test import APIClient


def test_an_unknown_route_is_401_without_a_key_and_404_with_one(operator):
    for path in ["/v1", "/v1/", "/v1/nothing", "/v1/nothing/at/all"]:
        assert APIClient().get(path).status_code == 401
        assert operator.get(path).status_code == 404
        assert operator.post(path, b"{", content_type="application/json").status_code == 404


def test_elsewhere_an_unknown_route_is_404_for_everybody(client, db):
    response = client.get("/nothing")

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
