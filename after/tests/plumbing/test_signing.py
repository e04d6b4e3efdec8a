import base64
from datetime import UTC, datetime

from plumbing.signing import new_secret, signature, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2021, 2, 25, 15, 2, 10, 999999, UTC)


def test_a_signature_is_the_one_of_the_standards_own_example():
    signed = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_body_need_not_be_text():
    assert signature(SECRET, "evt_1", 1, b"\xff\x00") != signature(SECRET, "evt_1", 1, b"\xff\x01")


def test_an_attempt_has_three_headers_and_its_time_in_whole_seconds():
    headers = signed_headers([SECRET], "evt_1", NOW, b"{}")

    assert headers == {
        "webhook-id": "evt_1",
        "webhook-timestamp": "1614265330",
        "webhook-signature": signature(SECRET, "evt_1", 1614265330, b"{}"),
    }


def test_each_secret_signs_in_the_order_given():
    newest, oldest = new_secret(), new_secret()

    headers = signed_headers([newest, oldest], "evt_1", NOW, b"{}")

    assert headers["webhook-signature"].split(" ") == [
        signature(secret, "evt_1", 1614265330, b"{}") for secret in (newest, oldest)
    ]


def test_a_new_secret_is_32_random_bytes_in_base64():
    first, second = new_secret(), new_secret()

    assert len(base64.b64decode(first.removeprefix("whsec_"), validate=True)) == 32
    assert first != second
