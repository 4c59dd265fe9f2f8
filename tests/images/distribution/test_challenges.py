"""What a registry asks for is read leniently, and whom it names is believed in its own domain only."""

from http.client import HTTPMessage

import pytest

from podproof.images.distribution.authorizing import Challenge, challenge_of, is_related


def headers(*values: str) -> HTTPMessage:
    message = HTTPMessage()
    for value in values:
        message["WWW-Authenticate"] = value
    return message


@pytest.mark.parametrize(
    ("values", "challenge"),
    [
        (['Basic realm="a, b"'], Challenge("basic", "a, b")),
        (
            ['BEARER realm="https://t/x",service="s", scope="repository:a:pull,push"'],
            Challenge("bearer", "https://t/x", "s", "repository:a:pull,push"),
        ),
        (["Bearer realm=https://t/x"], Challenge("bearer", "https://t/x")),
        (['Basic realm="a"', 'Bearer realm="b"'], Challenge("bearer", "b")),
        (["Negotiate", 'Basic realm="a"'], Challenge("basic", "a")),
        (["Basic"], Challenge("basic")),
        (['Bearer realm="unclosed'], Challenge("bearer", '"unclosed')),
        (["Bearer ,,=,=="], Challenge("bearer")),
        (["Digest realm=a"], None),
        ([""], None),
        ([], None),
    ],
)
def test_challenges(values: list[str], challenge: Challenge | None) -> None:
    assert challenge_of(headers(*values)) == challenge


@pytest.mark.parametrize(
    ("registry", "server", "related"),
    [
        ("docker.io", "auth.docker.io", True),
        ("docker.io", "docker.io.evil.example", False),
        ("docker.io", "evildocker.io", False),
        ("registry.gitlab.com:5050", "gitlab.com", True),
        ("registry.gitlab.com", "auth.gitlab.com", True),
        ("registry.gitlab.com", "gitlab.org", False),
        ("registry.shop.example.co.uk", "evil.co.uk", False),
        ("127.0.0.1:5000", "127.0.0.1", True),
        ("127.0.0.1:5000", "1.0.0.1", False),
        ("[::1]:5000", "::1", True),
        ("[fd00::1]:5000", "fd00::2", False),
        ("localhost:5000", "localhost", True),
        ("localhost:5000", "evil.localhost", False),
    ],
)
def test_whom_a_login_may_be_sent_to(registry: str, server: str, related: bool) -> None:
    assert is_related(registry, server) is related
