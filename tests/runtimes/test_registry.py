"""Pulling from a real registry on loopback: each policy, a pull secret, without TLS, with a private CA."""

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from registry import PASSWORD, USER, Registry, registry

from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.errors import UsageError
from podproof.images.additions import parse_addition
from podproof.images.build import build_image
from podproof.images.layout import ImageSettings
from podproof.kubelet.cri import AuthConfig
from podproof.kubelet.objects import Objects
from podproof.kubelet.pulls import PullEvent, Waiting
from podproof.runtimes.embedded import EmbeddedEngine
from podproof.runtimes.engine import EngineError, ImageRecord
from podproof.runtimes.pods.image_pulls import ImagePulls
from podproof.runtimes.pods.values import RunOptions
from podproof.runtimes.pods.wall_clock import WallClock
from podproof.session.run.registries import trust_registries

DEMO = Path(__file__).resolve().parents[2] / "examples/images/demo/demo"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "demo.tar"
    settings = ImageSettings(user="1000", entrypoint=("/bin/demo",))
    build_image("demo:1", path, settings=settings, additions=parse_addition(f"{DEMO}:/bin/demo:0755"))
    return path


@pytest.fixture(scope="module")
def open_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with registry(tmp_path_factory.mktemp("open") / "r") as running:
        yield running


@pytest.fixture(scope="module")
def locked_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with registry(tmp_path_factory.mktemp("locked") / "r", login=True) as running:
        yield running


def secret(host: str, password: str, name: str = "pull") -> dict[str, Any]:
    auth = base64.b64encode(f"{USER}:{password}".encode()).decode()
    text = json.dumps({"auths": {host: {"auth": auth}}})
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": base64.b64encode(text.encode()).decode()},
    }


class Puller:
    """The pulls of one pod, and the events that they made."""

    def __init__(self, engine: EmbeddedEngine, *objects: dict[str, Any], **spec: Any) -> None:
        options = RunOptions(
            setting=Setting(runtime=parse_runtime("containerd-1.6.20")), registries=("127.0.0.1",)
        )
        self.events: list[PullEvent] = []
        self.pulls = ImagePulls(
            {"metadata": {"name": "web"}, "spec": spec},
            engine=engine,
            objects=Objects(objects),
            options=options,
            clock=WallClock(),
        )

    def ensure(self, image: str, policy: str) -> ImageRecord | Waiting:
        self.events = []
        return self.pulls.ensure({"image": image, "imagePullPolicy": policy}, self.events.append)

    @property
    def reasons(self) -> list[str]:
        return [event.reason for event in self.events]


def test_each_policy(embedded: EmbeddedEngine, open_registry: Registry, archive: Path) -> None:
    image = open_registry.push(archive, "team/policies", "1")
    puller = Puller(embedded)
    never = puller.ensure(image, "Never")
    assert isinstance(never, Waiting)
    assert never.reason == "ErrImageNeverPull"

    pulled = puller.ensure(image, "IfNotPresent")
    assert isinstance(pulled, ImageRecord)
    assert (pulled.config.user, pulled.config.entrypoint) == ("1000", ("/bin/demo",))
    assert puller.reasons == ["Pulling", "Pulled"]
    said = puller.events[1].message
    assert said.startswith(f'Successfully pulled image "{image}" in ')
    assert said.endswith(f"Image size: {pulled.size} bytes.")

    assert puller.ensure(image, "Always") == pulled
    assert puller.reasons == ["Pulling", "Pulled"]
    open_registry.forget("team/policies", "1")
    assert puller.ensure(image, "IfNotPresent") == pulled
    assert puller.ensure(image, "Never") == pulled
    assert puller.reasons == ["Pulled"]

    gone = puller.ensure(image, "Always")
    assert isinstance(gone, Waiting)
    assert gone.reason == "ErrImagePull"
    assert gone.message.startswith("rpc error: code = NotFound desc = failed to pull and unpack image ")
    assert gone.message.endswith("not found")
    waits = puller.ensure(image, "Always")
    assert isinstance(waits, Waiting)
    assert waits.reason == "ImagePullBackOff"
    assert waits.message == f'Back-off pulling image "{image}": ErrImagePull: {gone.message}'
    embedded.remove_image(image)


def test_a_new_image_under_an_old_tag_comes_with_always_only(
    embedded: EmbeddedEngine, open_registry: Registry, archive: Path, tmp_path: Path
) -> None:
    image = open_registry.push(archive, "team/moving", "1")
    puller = Puller(embedded)
    old = puller.ensure(image, "IfNotPresent")
    changed = tmp_path / "changed.tar"
    build_image("demo:1", changed, settings=ImageSettings(user="2000", entrypoint=("/bin/demo",)))
    open_registry.push(changed, "team/moving", "1")
    assert puller.ensure(image, "IfNotPresent") == old
    new = puller.ensure(image, "Always")
    assert isinstance(new, ImageRecord)
    assert new.config.user == "2000"
    embedded.remove_image(image)


def test_a_pull_secret_opens_a_registry(
    embedded: EmbeddedEngine, locked_registry: Registry, archive: Path
) -> None:
    image = locked_registry.push(archive, "team/private", "1")
    without = Puller(embedded).ensure(image, "IfNotPresent")
    assert isinstance(without, Waiting)
    assert without.reason == "ErrImagePull"
    assert without.message.endswith("401 Unauthorized")

    host = locked_registry.host
    reference = [{"name": "pull"}]
    wrong = Puller(embedded, secret(host, "wrong"), imagePullSecrets=reference).ensure(image, "IfNotPresent")
    assert isinstance(wrong, Waiting)

    # the more specific one is tried first, and fails
    secrets = (secret(host, PASSWORD), secret(f"{host}/team", "wrong", "other"))
    both = Puller(embedded, *secrets, imagePullSecrets=[{"name": "other"}, *reference])
    assert isinstance(both.ensure(image, "IfNotPresent"), ImageRecord)
    embedded.remove_image(image)

    account = {"kind": "ServiceAccount", "metadata": {"name": "default"}, "imagePullSecrets": reference}
    by_account = Puller(embedded, secret(host, PASSWORD), account)
    assert isinstance(by_account.ensure(image, "IfNotPresent"), ImageRecord)
    embedded.remove_image(image)


def test_a_secret_that_cannot_be_read_is_named(embedded: EmbeddedEngine, open_registry: Registry) -> None:
    broken = secret(open_registry.host, PASSWORD)
    broken["data"] = {".dockerconfigjson": base64.b64encode(b"{").decode()}
    puller = Puller(embedded, broken, imagePullSecrets=[{"name": "pull"}])
    waits = puller.ensure(f"{open_registry.host}/team/none:1", "IfNotPresent")
    assert isinstance(waits, Waiting)
    assert waits.message.startswith("secret 'pull' holds no JSON")


def test_the_engine_pulls_with_credentials(
    embedded: EmbeddedEngine, locked_registry: Registry, archive: Path
) -> None:
    image = locked_registry.push(archive, "team/direct", "1")
    with pytest.raises(EngineError):
        embedded.pull(image, AuthConfig(username=USER, password="wrong"))
    assert embedded.pull(image, AuthConfig(username=USER, password=PASSWORD)).config.user == "1000"
    embedded.remove_image(image)


def test_plain_http_has_to_be_allowed(embedded: EmbeddedEngine, archive: Path, tmp_path: Path) -> None:
    # loopback addresses go without TLS anyway, names do not
    name = socket.gethostname()
    try:
        socket.gethostbyname(name)
    except OSError:
        pytest.skip(
            f"this machine's name {name} leads nowhere, and the registry needs one that is no address"
        )
    with registry(tmp_path / "r", name=name) as running:
        image = running.push(archive, "team/plain", "1")
        with pytest.raises(EngineError, match="server gave HTTP response to HTTPS client"):
            embedded.pull(image)
        trust_registries(embedded, [running.host], [])
        assert embedded.pull(image).config.user == "1000"
        embedded.remove_image(image)


def test_a_private_authority_has_to_be_trusted(
    embedded: EmbeddedEngine, archive: Path, tmp_path: Path
) -> None:
    with registry(tmp_path / "r", tls=True) as running:
        image = running.push(archive, "team/signed", "1")
        with pytest.raises(EngineError):
            embedded.pull(image)
        trust_registries(embedded, [], [f"{running.host}={running.authority}"])
        assert embedded.pull(image).config.user == "1000"
        embedded.remove_image(image)


def test_what_is_said_of_registries_is_checked(embedded: EmbeddedEngine, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("-----BEGIN PRIVATE KEY-----\n")
    for plain, signed, words in (
        ([], ["host"], r"--registry-ca 'host' must be HOST\[:PORT\]=FILE"),
        ([], [f"host={tmp_path}/none"], "cannot read .*none: No such file"),
        ([], [f"host={tmp_path}/key"], "must hold certificates in PEM"),
        (["http://host"], [], r"registry 'http://host' must be HOST or HOST:PORT"),
    ):
        with pytest.raises(UsageError, match=words):
            trust_registries(embedded, plain, signed)
    certificate = tmp_path / "ca.pem"
    certificate.write_text("-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(UsageError, match=r"registry host: .* contradict each other"):
        trust_registries(embedded, ["host"], [f"host={certificate}"])


def test_a_run_pulls_with_the_manifests_secret(
    embedded: EmbeddedEngine,
    locked_registry: Registry,
    archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    from podproof.commands import run_command

    image = locked_registry.push(archive, "team/run", "1")
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {
            "imagePullSecrets": [{"name": "pull"}],
            "containers": [{"name": "web", "image": image}],
        },
    }
    manifest = tmp_path / "pod.yaml"
    documents = (secret(locked_registry.host, PASSWORD), pod)
    manifest.write_text("\n---\n".join(json.dumps(document) for document in documents))
    monkeypatch.setenv("PODPROOF_ENGINE_DIR", str(embedded.places.lib.parent))
    monkeypatch.setenv("PATH", embedded.places.path)
    assert run_command(["run", str(manifest), "--until", "ready"]) == 1
    assert f"pull from it only with --allow-registry {locked_registry.host}" in capfd.readouterr().err
    options = ["--until", "ready", "--describe", "--verify", "--allow-registry", "127.0.0.1"]
    assert run_command(["run", str(manifest), *options]) == 0
    said = capfd.readouterr().out
    assert f'Successfully pulled image "{image}"' in said
    assert "1/1     Running" in said
    embedded.remove_image(image)
