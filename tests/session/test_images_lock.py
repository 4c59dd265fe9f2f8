"""`images lock` from registries: real ones with TLS and a login, a token server, and what was read before."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from docker_registry import PASSWORD, USER, Registry, TokenServer, registry

from podproof.commands.images import lock
from podproof.images.additions import parse_addition
from podproof.images.build import build_image
from podproof.images.distribution.client import Repository
from podproof.images.layout import ImageSettings
from podproof.images.lock import parse_lock


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    (folder / "passwd").write_text("web:x:7:8::/:/\n")
    (folder / "tool").write_text("")
    additions = [
        entry
        for text in (f"{folder}/passwd:/etc/passwd", f"{folder}/tool:/bin/tool:4755:3:4")
        for entry in parse_addition(text)
    ]
    path = folder / "web.tar"
    build_image("web:1", path, settings=ImageSettings(user="web", entrypoint=("tool",)), additions=additions)
    return path


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry with a certificate of a private authority, and a login."""
    with registry(tmp_path_factory.mktemp("signed") / "r", tls=True, login=True) as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without logins, in which listings of layers are kept."""
    for name in ("RUNTIME_DIR", "CONFIG_HOME", "CACHE_HOME"):
        monkeypatch.delenv(f"XDG_{name}", raising=False)
    for name in ("REGISTRY_AUTH_FILE", "DOCKER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def log_in(home: Path, host: str) -> None:
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    (home / ".docker").mkdir(parents=True, exist_ok=True)
    (home / ".docker/config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))


def manifest(*images: str) -> str:
    containers = [{"name": f"c{number}", "image": image} for number, image in enumerate(images)]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": containers}}
    Path("pod.yaml").write_text(json.dumps(pod))
    return "pod.yaml"


class Blobs:
    """Counts the blobs that were asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        real = Repository.blob

        def counted(repository: Repository, descriptor: Any) -> Iterator[bytes]:
            self.count += 1
            return real(repository, descriptor)

        monkeypatch.setattr(Repository, "blob", counted)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(lock, arguments, standalone_mode=False)
    assert result.exception is None, result.exception
    return result.return_value or 0, result.stdout, result.stderr


def test_images_of_manifests_are_read_from_their_registry(
    signed: Registry, archive: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = signed.push(archive, "team/web", "1")
    same = signed.push(archive, "team/same", "1")
    trusted = ["--registry-ca", f"{signed.host}={signed.authority}"]
    code, _, said = run(manifest(image, same), *trusted, "-o", "lock.yaml")
    assert code == 4
    assert said.count("wants a login") == 2
    assert said.count("what it contains stays unknown") == 2

    log_in(home, signed.host)
    blobs = Blobs(monkeypatch)
    assert run("pod.yaml", *trusted, "-o", "lock.yaml") == (0, "", "")
    locked = parse_lock("lock.yaml", Path("lock.yaml").read_bytes())
    assert list(locked) == sorted((image, same))
    config = locked[image]
    assert (config.user, config.passwd, config.group) == ("web", "web:x:7:8::/:/\n", "")
    assert (config.entrypoint, config.set_id, config.file_capabilities) == (("tool",), "4755 3:4", "")
    head = signed.request("HEAD", "/v2/team/web/manifests/1").headers
    assert config.digest == head["Docker-Content-Digest"]
    # two configurations, and the layer that both have, once
    assert blobs.count == 3

    # what is locked stays without a request; --update asks again, and layers are known by their digests
    assert run("pod.yaml", "-o", "lock.yaml") == (
        0,
        "",
        "podproof: kept 2 of lock.yaml as they are: --update asks their registries again\n",
    )
    assert blobs.count == 3
    before = Path("lock.yaml").read_text()
    assert run("pod.yaml", *trusted, "-o", "lock.yaml", "--update") == (0, "", "")
    assert (blobs.count, Path("lock.yaml").read_text()) == (5, before)


def test_only_what_is_missing_is_read(signed: Registry, archive: Path, home: Path) -> None:
    log_in(home, signed.host)
    image = signed.push(archive, "team/one", "1")
    images = '{"kept:1": {user: "5"}, "old:1": {}}'
    Path("lock.yaml").write_text(f"schema: podproof/images/v1\nimages: {images}\n")
    trusted = ["--registry-ca", f"{signed.host}={signed.authority}"]
    code, _, said = run(manifest(image, "kept:1"), *trusted, "-o", "lock.yaml")
    assert (code, said.startswith("podproof: kept 1 of lock.yaml")) == (0, True)
    locked = parse_lock("lock.yaml", Path("lock.yaml").read_bytes())
    assert {name: config.user for name, config in locked.items()} == {image: "web", "kept:1": "5"}


def test_one_image_that_fails_does_not_stop_the_others(signed: Registry, archive: Path, home: Path) -> None:
    log_in(home, signed.host)
    image = signed.push(archive, "team/good", "1")
    trusted = ["--registry-ca", f"{signed.host}={signed.authority}"]
    code, text, said = run(manifest(f"{signed.host}/team/none:1", "NOT:1", image), *trusted)
    assert code == 4
    assert list(parse_lock("l", text.encode())) == [image]
    assert f"podproof: {signed.host}/team/none:1: not found: what it contains stays unknown" in said
    assert "NOT:1: invalid reference format: repository name (library/NOT) must be lowercase: what" in said


def test_an_update_that_fails_keeps_what_was_known(signed: Registry, archive: Path, home: Path) -> None:
    log_in(home, signed.host)
    image = signed.push(archive, "team/two", "1")
    gone = f"{signed.host}/team/gone:1"
    Path("lock.yaml").write_text(
        f'schema: podproof/images/v1\nimages: {{"{gone}": {{user: "5"}}, "{image}": {{user: "6"}}}}\n'
    )
    trusted = ["--registry-ca", f"{signed.host}={signed.authority}"]
    code, _, said = run(manifest(gone, image), *trusted, "-o", "lock.yaml", "--update")
    assert (code, said) == (4, f"podproof: {gone}: not found: lock.yaml says what it said\n")
    locked = parse_lock("lock.yaml", Path("lock.yaml").read_bytes())
    assert {name: config.user for name, config in locked.items()} == {gone: "5", image: "web"}


def test_a_registry_in_this_network_needs_its_flag(signed: Registry) -> None:
    code, _, said = run(manifest(f"{signed.host}/team/web:1"))
    assert code == 4
    assert f"pull from it only with --allow-registry {signed.host}" in said


def test_a_token_server_is_asked_with_the_login(archive: Path, home: Path, tmp_path: Path) -> None:
    tokens = TokenServer(tmp_path / "tokens")
    try:
        with registry(tmp_path / "r", tokens=tokens) as running:
            image = running.push(archive, "team/web", "1")
            log_in(home, running.host)
            plain, trusted = ["--registry-plain-http", running.host], f"{tokens.host}={tokens.authority}"
            code, text, said = run(manifest(image), *plain, "--registry-ca", trusted)
            assert (code, said) == (0, "")
            assert parse_lock("l", text.encode())[image].user == "web"
            assert len(tokens.asked) == 1
    finally:
        tokens.close()


def test_archives_come_before_registries(archive: Path) -> None:
    code, text, said = run(str(archive), manifest("web:1"))
    assert (code, said) == (0, "")
    assert list(parse_lock("l", text.encode())) == ["web:1"]


def test_a_file_that_is_no_lock_file_is_not_overwritten() -> None:
    Path("other.yaml").write_text("kind: Pod\n")
    result = CliRunner().invoke(lock, [manifest("web:1"), "-o", "other.yaml"], standalone_mode=False)
    assert "schema must be podproof/images/v1" in str(result.exception)
    assert Path("other.yaml").read_text() == "kind: Pod\n"


def test_a_layer_cache_that_others_can_write_is_not_believed(
    signed: Registry, archive: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(home, signed.host)
    image = signed.push(archive, "team/kept", "1")
    trusted = ["--registry-ca", f"{signed.host}={signed.authority}"]
    first = run(manifest(image), *trusted)
    kept = list((home / ".cache/podproof/layers").iterdir())
    assert len(kept) == 1
    for damaged in (b"", b"no", kept[0].read_bytes()[:-3]):
        kept[0].write_bytes(damaged)
        assert run("pod.yaml", *trusted) == first
    kept[0].parent.chmod(0o777)
    blobs = Blobs(monkeypatch)
    assert run("pod.yaml", *trusted) == first
    assert blobs.count == 2
