"""The guarded HTTP client: which addresses it connects to, and whose certificates it takes."""

import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from plumbing.addresses import parse_networks
from plumbing.outbound import GuardedClient, tls_context

from .endpoint import LOOPBACK, post


@pytest.fixture
def resolve(monkeypatch):
    """Makes every name have these addresses."""

    def resolve_to(*addresses):
        def look_up(host, port, **kwargs):
            families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
            return [
                (family, socket.SOCK_STREAM, 6, "", (address, port))
                for family, address in zip(families, addresses, strict=True)
            ]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return resolve_to


def test_an_address_that_is_not_allowed_is_refused_before_a_connection(server):
    answer = post(server.url(), allowed=())

    assert (answer.status, answer.error) == (None, "address_refused")
    assert server.connections == 0


@pytest.mark.parametrize("order", [1, -1])
def test_one_refused_address_among_a_names_refuses_the_attempt(server, resolve, order):
    resolve(*["127.0.0.1", "10.0.0.1"][::order])

    answer = post(server.url(host="acme.example"))

    assert answer.error == "address_refused"
    assert server.connections == 0


def test_the_next_address_is_tried_where_the_first_does_not_answer(server, resolve):
    resolve("::1", "127.0.0.1")

    answer = post(server.url(host="acme.example"))

    assert (answer.status, answer.error) == (200, None)
    assert server.requests[0][1]["Host"].startswith("acme.example:")


def test_the_address_that_was_checked_is_the_one_that_is_used(server, monkeypatch):
    answers = iter(["127.0.0.1", "127.0.0.9"])  # a name that points elsewhere the second time
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, **kwargs: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))],
    )

    assert post(server.url(host="acme.example"), allowed=parse_networks("127.0.0.1")).status == 200


def test_a_certificate_that_nobody_signed_is_not_taken(server, tmp_path):
    server.speak_tls(self_signed(tmp_path))

    answer = post(server.url(scheme="https"))

    assert (answer.status, answer.error) == (None, "tls")
    assert server.requests == []


def test_a_certificate_that_is_trusted_is_taken(server, tmp_path, monkeypatch):
    certificate = self_signed(tmp_path)
    server.speak_tls(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert GuardedClient(LOOPBACK).post(server.url(scheme="https"), b"{}", {}, "acme").status == 200


def test_a_trusted_certificate_of_another_host_is_not_taken(server, tmp_path, monkeypatch):
    certificate = self_signed(tmp_path, "127.0.0.9")
    server.speak_tls(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert GuardedClient(LOOPBACK).post(server.url(scheme="https"), b"{}", {}, "acme").error == "tls"


def test_certificates_are_verified_in_one_way_on_every_python():
    context = tls_context()

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.verify_flags == ssl.VERIFY_X509_TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_plain_text_where_tls_belongs_is_a_tls_error(server):
    assert post(server.url(scheme="https")).error == "tls"


def self_signed(folder, host="127.0.0.1"):
    """A file with a key and a certificate for this address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    address = x509.IPAddress(parse_networks(host)[0].network_address)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return path
