"""Pull secrets of every shape: what is read of them, what is refused, and which images a key is for.

Source: kubernetes 1.37.2, pkg/credentialprovider, and Go's encoding/json and net/url.
"""

import base64
from typing import Any

import pytest
from test_pull_secrets import encoded, secret, users

from podproof.kubelet.pull_secrets import PullSecretError, RegistryLogin, credentials_for


def logins(entry: Any, **rest: Any) -> tuple[RegistryLogin, ...]:
    return credentials_for("quay.io/a", [secret({"quay.io": entry}) | rest])


@pytest.mark.parametrize(
    ("entry", "username", "password"),
    [
        (None, "", ""),
        ({}, "", ""),
        ({"username": None, "password": None}, "", ""),
        ({"username": "u"}, "u", ""),
        ({"password": "p"}, "", "p"),
        ({"auth": "", "username": "u", "password": "p"}, "u", "p"),
        ({"auth": None, "username": "u", "password": "p"}, "u", "p"),
        # auth counts over the others
        ({"auth": encoded("a:b:c"), "username": "u", "password": "p"}, "a", "b:c"),
        ({"auth": encoded(":")}, "", ""),
        ({"auth": "\n".join(encoded("user:pass")) + "\r\n"}, "user", "pass"),
    ],
)
def test_a_login(entry: Any, username: str, password: str) -> None:
    assert logins(entry) == (RegistryLogin(username, password, "s"),)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"auth": "dTp w"}, "secret 's': quay.io: auth is not base64"),
        ({"auth": encoded("user")}, "secret 's': quay.io: auth must be base64 of USER:PASSWORD"),
        ({"auth": base64.b64encode(b"\xff:").decode()}, "secret 's': quay.io: auth is not base64"),
        ("user", "secret 's': quay.io must be a mapping"),
        (7, "secret 's': quay.io must be a mapping"),
    ],
)
def test_a_login_that_cannot_be_read(entry: Any, words: str) -> None:
    with pytest.raises(PullSecretError) as caught:
        logins(entry)
    assert str(caught.value) == words


@pytest.mark.parametrize("metadata", [None, 7, {}, {"name": ""}])
def test_a_secret_without_a_name(metadata: Any) -> None:
    assert logins({"username": "u"}, metadata=metadata)[0].secret == ""


@pytest.mark.parametrize(
    "rest",
    [
        {"type": None}, {"type": 7}, {"type": ["kubernetes.io/dockercfg"]}, {"type": "Opaque"},
        {"data": None}, {"data": 7}, {"data": {}}, {"data": {".dockerconfigjson": 7}},
        {"data": {".dockerconfigjson": ""}}, {"type": "kubernetes.io/dockercfg"},
    ],
)  # fmt: skip
def test_what_holds_no_logins(rest: dict[str, Any]) -> None:
    assert logins({"username": "u"}, **rest) == ()


def test_text_counts_over_data_and_only_text() -> None:
    text = '{"auths": {"quay.io": {"username": "t"}}}'
    assert logins({"username": "u"}, stringData={".dockerconfigjson": text})[0].username == "t"
    for other in ({".dockerconfigjson": 7}, {"x": text}, 7, None):
        assert logins({"username": "u"}, stringData=other)[0].username == "u"


def test_data_may_have_white_space_and_nothing_else() -> None:
    data = secret({"quay.io": {"username": "u"}})["data"][".dockerconfigjson"]
    spaced = f" {data[:8]}\n\t{data[8:]} "
    assert logins(None, data={".dockerconfigjson": spaced})[0].username == "u"
    with pytest.raises(PullSecretError, match=r"secret 's': \.dockerconfigjson is not base64"):
        logins(None, data={".dockerconfigjson": f"{data}%"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "secret 's' must hold a mapping of registries"),
        ('{"auths": []}', "secret 's' must hold a mapping of registries"),
        ("7", "secret 's' must hold a mapping of registries"),
        ("{", "secret 's' holds no JSON: "),
        ('{"auths": null}', None),
        ("{}", None),
        ("null", None),
    ],
)
def test_a_document(text: str, words: str | None) -> None:
    broken = {"data": {".dockerconfigjson": encoded(text)}}
    if words is None:
        assert logins(None, **broken) == ()
        return
    with pytest.raises(PullSecretError) as caught:
        logins(None, **broken)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    ("image", "key", "matches"),
    [
        ("quay.io/a", "quay.io/v1/a", True),
        ("quay.io/a", "quay.io/v2/", True),
        ("quay.io/a", "quay.io/v3/", False),
        ("quay.io/a", "quay.io/v1", False),
        ("quay.io/v1", "quay.io/v1", True),
        ("quay.io/a", "https://http://quay.io", False),
        ("quay.io/a", "quay.io?x", True),
        ("quay.io/a", "quay.io#x", True),
        ("quay.io/a", "quay .io", False),
        ("quay.io/a", "quay.io:x", False),
        ("quay.io/a", "quay.io:", True),
        ("quay.io:5000/a", "quay.io:5001", False),
        ("[::1]:5000/a", "[::2]:5000", False),
        ("a.b.c/x", "*.*.c", True),
        ("a.b.c/x", "*.c", False),
        ("a.b.c/x", "a.*.d", False),
        ("localhost/x", "localhost", True),
        ("localhost:5000/x", "https://index.docker.io/v1/", False),
        ("local.host/x", "https://index.docker.io/v1/", False),
        ("index.docker.io/x", "https://index.docker.io/v1/", True),
        ("team/x", "https://index.docker.io/v1/", True),
        ("x", "index.docker.io/v1/", True),
        # what has neither a dot nor a port is docker.io's, though it is pulled from elsewhere
        ("localhost/x", "https://index.docker.io/v1/", True),
        ("LOCAL/x", "https://index.docker.io/v1/", True),
        ("quay.io:5000/x", "https://index.docker.io/v1/", False),
        ("[::1]/x", "https://index.docker.io/v1/", False),
        ("quay.io:5000/a", "cuay.ip:5000", False),
        ("[::1]:5000/a", "[1::1]:5000", False),
        ("[::1]:5000/a", "[::11]:5000", False),
        ("[::1]/a", "[::1]", False),  # without a port the brackets stay, and are a set of characters
    ],
)
def test_a_key_and_an_image(image: str, key: str, matches: bool) -> None:
    assert users(image, key) == ([key] if matches else [])


def test_the_default_registrys_logins_come_last() -> None:
    assert users("team/web", "https://index.docker.io/v1/", "docker.io/team") == ["docker.io/team"]
    assert users("docker.io/web", "https://index.docker.io/v1/", "quay.io") == ["https://index.docker.io/v1/"]
