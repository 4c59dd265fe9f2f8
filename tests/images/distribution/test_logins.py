"""Logins from podman's and docker's files: whose login is found, and what a helper may do."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from podproof.images.distribution import logins
from podproof.images.distribution.errors import PullError
from podproof.images.distribution.logins import Login, LoginFiles


def auth(user: str, password: str = "p") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def write(path: Path, **document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def found(tmp_path: Path, registry: str, repository: str = "team/web", **document: Any) -> Login | None:
    return LoginFiles((write(tmp_path / "config.json", **document),)).find(registry, repository)


@pytest.mark.parametrize(
    ("registry", "user"),
    [
        ("docker.io", "hub"),
        ("quay.io", "all"),
        ("ghcr.io", "web"),
        ("old.example:5000", "old"),
        ("other.example", None),
    ],
)
def test_the_most_specific_key_counts(tmp_path: Path, registry: str, user: str | None) -> None:
    auths = {
        "https://index.docker.io/v1/": auth("hub"),
        "quay.io": auth("all"),
        "quay.io/team/webs": auth("no"),
        "ghcr.io": auth("all"),
        "ghcr.io/team": auth("team"),
        "ghcr.io/team/web": auth("web"),
        "http://old.example:5000/v2/": auth("old"),
        "her.example": auth("no"),
    }
    login = found(tmp_path, registry, auths=auths)
    assert (login.username if login else None) == user


def test_the_first_file_that_has_one_counts(tmp_path: Path) -> None:
    first = write(tmp_path / "a", auths={"a.example": auth("one")})
    second = write(tmp_path / "b", auths={"a.example": auth("two"), "b.example": auth("two")})
    files = LoginFiles((tmp_path / "none", first, second))
    assert [files.find(name, "x") for name in ("a.example", "b.example", "c.example")] == [
        Login("one", "p"),
        Login("two", "p"),
        None,
    ]


def test_where_files_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DOCKER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / ".docker/config.json", auths={"x.example": auth("docker")})
    for path, variables, user in (
        (".docker/config.json", {}, "docker"),
        ("other/config.json", {"DOCKER_CONFIG": "other"}, "moved"),
        (".config/containers/auth.json", {}, "podman"),
        ("run/containers/auth.json", {"XDG_RUNTIME_DIR": "run"}, "running"),
        ("named.json", {"REGISTRY_AUTH_FILE": "named.json"}, "named"),
    ):
        write(tmp_path / path, auths={"x.example": auth(user)})
        for name, value in variables.items():
            monkeypatch.setenv(name, str(tmp_path / value))
        login = LoginFiles.from_environment().find("x.example", "web")
        assert login == Login(user, "p")


def test_an_identity_token_and_plain_fields(tmp_path: Path) -> None:
    auths = {"a": {"identitytoken": "t", **auth("<token>", "")}, "b": {"username": "u", "password": "q"}}
    assert found(tmp_path, "a", auths=auths) == Login("<token>", "", "t")
    assert found(tmp_path, "b", auths=auths) == Login("u", "q")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no", "is not JSON"),
        ("[]", "must be a mapping"),
        ('{"auths": {"x": {"auth": "?"}}}', "x: auth is not base64"),
        ('{"auths": {"x": {"auth": "eA=="}}}', "auth must be base64 of USER:PASSWORD"),
        (f'"{"x" * 2**21}"', "is larger than"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(PullError, match=rf"config\.json: .*{words}"):
        LoginFiles((tmp_path / "config.json",)).find("x", "web")


def test_a_login_does_not_show_its_secret() -> None:
    assert repr(Login("alice", "secret", "token")) == "Login('alice')"


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A helper named `lab`, which answers with what `answer` holds and writes down what it was asked."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "docker-credential-lab"
    program.write_text(
        f'#!/bin/sh\necho "$@" >{tmp_path}/asked\ncat >>{tmp_path}/asked\n. {tmp_path}/answer\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return tmp_path / "answer"


def test_a_helper_is_asked_for_its_registry(tmp_path: Path, helper: Path) -> None:
    helper.write_text("""echo '{"ServerURL": "x", "Username": "bob", "Secret": "s"}'""")
    document: dict[str, Any] = {"credHelpers": {"x.example": "lab"}, "auths": {"y.example": auth("file")}}
    assert found(tmp_path, "x.example", **document) == Login("bob", "s")
    assert (tmp_path / "asked").read_text() == "get\nx.example"
    (tmp_path / "asked").unlink()
    assert found(tmp_path, "y.example", **document) == Login("file", "p")
    assert not (tmp_path / "asked").exists()


def test_a_store_is_asked_for_every_registry(tmp_path: Path, helper: Path) -> None:
    helper.write_text("""echo '{"Username": "<token>", "Secret": "s"}'""")
    assert found(tmp_path, "docker.io", credsStore="lab") == Login("", "", "s")
    assert (tmp_path / "asked").read_text() == "get\nhttps://index.docker.io/v1/"
    helper.write_text("echo credentials not found in native keychain; exit 1")
    assert found(tmp_path, "x.example", credsStore="lab", auths={"x.example": auth("file")}) == Login(
        "file", "p"
    )


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("lab", "sleep 60 & exec sleep 60", "docker-credential-lab does not answer for x.example within"),
        ("lab", "echo no", "does not answer as a credential helper"),
        ("lab", "echo '[]'", "does not answer as a credential helper"),
        ("lab", r"printf 'broken\033[2J'; exit 3", r"""has no login for x.example: 'broken\\x1b\[2J'"""),
        ("absent", "", '"docker-credential-absent" for x.example is not on PATH'),
        ("../bin/docker-credential-lab", "", "is not on PATH"),
        ("lab; touch here", "", "is not on PATH"),
    ],
)
def test_a_helper_that_does_not_help(
    tmp_path: Path, helper: Path, monkeypatch: pytest.MonkeyPatch, name: str, answer: str, words: str
) -> None:
    monkeypatch.setattr(logins, "_HELPING", 1.0)
    helper.write_text(answer)
    with pytest.raises(PullError, match=words):
        found(tmp_path, "x.example", credHelpers={"x.example": name})
