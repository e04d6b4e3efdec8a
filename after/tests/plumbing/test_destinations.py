"""The destinations of URLs, read in the same way when a client is saved and when its events are sent."""

import pytest

from plumbing.destinations import Destination, NoDestination, destination_of


@pytest.mark.parametrize(
    ("url", "destination"),
    [
        ("https://acme.example", ("https", "acme.example", 443, "/", "acme.example")),
        ("HTTP://ACME.example:8080/a?b=c#d", ("http", "acme.example", 8080, "/a?b=c", "acme.example:8080")),
        ("https://acme.example:443/", ("https", "acme.example", 443, "/", "acme.example")),
        ("https://BÜCHER.example./", ("https", "xn--bcher-kva.example.", 443, "/", "xn--bcher-kva.example")),
        ("https://straße.example/", ("https", "xn--strae-oqa.example", 443, "/", "xn--strae-oqa.example")),
        ("https://foo_bar.example/ü", ("https", "foo_bar.example", 443, "/%C3%BC", "foo_bar.example")),
        ("https://[2606:4700::1111]:8443/", ("https", "2606:4700::1111", 8443, "/", "[2606:4700::1111]:8443")),
        ("https://127.1/", ("https", "127.1", 443, "/", "127.1")),
    ],
)
def test_a_url_leads_to_a_host_and_a_port(url, destination):
    assert destination_of(url) == Destination(*destination)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://☃.example/", "IDNA 2008"),
        ("https://foo_bär.example/", "IDNA 2008"),
        ("https://①.example/", "IDNA 2008"),
        ("https://[v1.fe]/", "IDNA 2008"),
        ("https://acme.example:65536/", "not a URL"),
        ("https://a..example/", "1 to 63 letters"),
        ("https://exa!mple.example/", "1 to 63 letters"),
        ("https://" + "a" * 64 + ".example/", "1 to 63 letters"),
        ("https://" + ".".join(["a" * 63] * 4) + "/", "at most 253"),
        ("https://acme.example:0/", "must not be 0"),
        ("https:///hooks", "no host"),
        ("ftp://acme.example/", "https:// or http://"),
        ("https://ada:love@acme.example/", "credentials"),
        ("https://@acme.example/", "credentials"),
    ],
)
def test_a_url_that_leads_nowhere_says_why(url, reason):
    with pytest.raises(NoDestination, match=reason):
        destination_of(url)
