"""Pulling from a real registry on loopback: each policy, a pull secret, without TLS, with a private CA."""

import base64
import gzip
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from bad_registry import MANIFEST, Request, bad_registry, described, digest_of, manifest_of
from docker_registry import PASSWORD, USER, Registry, registry
from image_builder import config, layer
from waiting import PATIENCE

from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.images.additions import parse_addition
from podproof.images.build import build_image
from podproof.images.distribution.transport import Transport
from podproof.images.layout import ImageSettings
from podproof.kubelet.cri import AuthConfig
from podproof.kubelet.objects import Objects
from podproof.kubelet.pulls import PullEvent, Waiting
from podproof.runtimes.embedded import EmbeddedEngine
from podproof.runtimes.engine import EngineError, ImageRecord, NoEngine
from podproof.runtimes.pods.image_pulls import ImagePulls
from podproof.runtimes.pods.values import RunOptions
from podproof.runtimes.pods.wall_clock import WallClock
from podproof.session.registry_options import registry_settings
from podproof.session.run.registries import pull_through

DEMO = Path(__file__).resolve().parents[2] / "examples/images/demo/demo"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "demo.tar"
    settings = ImageSettings(user="1000", entrypoint=("/bin/demo",))
    build_image("demo:1", path, settings=settings, additions=parse_addition(f"{DEMO}:/bin/demo:0755"))
    return path


@pytest.fixture(autouse=True)
def loopback_is_allowed(embedded: EmbeddedEngine) -> Iterator[None]:
    pull_through(embedded, registry_settings(["127.0.0.1"]))
    yield
    embedded.puller = None


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
        options = RunOptions(setting=Setting(runtime=parse_runtime("containerd-1.6.20")), registries=None)
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


def test_own_logins_need_a_flag(
    embedded: EmbeddedEngine,
    locked_registry: Registry,
    archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = locked_registry.push(archive, "team/own", "1")
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    (tmp_path / "auth.json").write_text(json.dumps({"auths": {locked_registry.host: {"auth": auth}}}))
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "auth.json"))
    with pytest.raises(EngineError, match="wants a login"):
        embedded.pull(image)
    pull_through(embedded, registry_settings(["127.0.0.1"], own_logins=True))
    # what a manifest has counts alone
    with pytest.raises(EngineError, match="refuses the login"):
        embedded.pull(image, AuthConfig(username=USER, password="wrong"))
    assert embedded.pull(image).config.user == "1000"
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
        pull_through(embedded, registry_settings([running.host]))
        with pytest.raises(EngineError, match="server gave HTTP response to HTTPS client"):
            embedded.pull(image)
        pull_through(embedded, registry_settings(plain_http=[running.host]))
        assert embedded.pull(image).config.user == "1000"
        embedded.remove_image(image)


def test_a_private_authority_has_to_be_trusted(
    embedded: EmbeddedEngine, archive: Path, tmp_path: Path
) -> None:
    with registry(tmp_path / "r", tls=True) as running:
        image = running.push(archive, "team/signed", "1")
        with pytest.raises(EngineError):
            embedded.pull(image)
        pull_through(embedded, registry_settings(authorities=[f"{running.host}={running.authority}"]))
        assert embedded.pull(image).config.user == "1000"
        embedded.remove_image(image)


class Asked:
    """Lets requests through to the registry, and writes down what was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.requests: list[str] = []
        send = Transport.send

        def recorded(transport: Transport, method: str, url: str, *rest: Any) -> Any:
            path = urlsplit(url).path.removeprefix("/v2/").split("/", 2)[2]
            self.requests.append(f"{method} {path.partition(':')[0]}")
            return send(transport, method, url, *rest)

        monkeypatch.setattr(Transport, "send", recorded)


def test_what_the_engine_has_is_not_fetched_again(
    embedded: EmbeddedEngine, open_registry: Registry, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = open_registry.push(archive, "team/once", "1")
    asked = Asked(monkeypatch)
    first = embedded.pull(image)
    fetched = ["HEAD manifests/1", "GET manifests/sha256", "GET blobs/sha256", "GET blobs/sha256"]
    assert asked.requests == fetched
    assert embedded.pull(image) == first
    assert asked.requests == [*fetched, "HEAD manifests/1"]

    # the same image under another name: its layer comes from the engine
    other = open_registry.push(archive, "team/twice", "2")
    asked.requests.clear()
    assert embedded.pull(other).id == first.id
    assert asked.requests == ["HEAD manifests/2", "GET manifests/sha256", "GET blobs/sha256"]

    assert first.digest is not None
    pinned = f"{image.rpartition(':')[0]}@{first.digest}"
    asked.requests.clear()
    assert embedded.pull(pinned).id == first.id
    assert asked.requests == ["HEAD manifests/sha256"]
    assert list(embedded.session.directory.glob("pulled-*")) == []
    for name in (image, other):
        embedded.remove_image(name)


def sized_blobs(content: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Make an image of one layer: its manifest, and its blobs by digest."""
    data = layer({"etc/passwd": b"web:x:7:7::/:\n", "content": content})
    packed, settings = gzip.compress(data, mtime=0), config([data], User="web")
    kind = "application/vnd.oci.image.layer.v1.tar+gzip"
    manifest = manifest_of(described(packed, mediaType=kind), config=settings)
    return manifest, {digest_of(packed): packed, digest_of(settings): settings}


def test_an_image_that_is_too_large_is_refused_before_it_is_unpacked(embedded: EmbeddedEngine) -> None:
    manifest, blobs = sized_blobs(bytes(10**6))
    with bad_registry() as server:
        server.special["/manifests/"] = lambda request: request.answer(manifest, Content_Type=MANIFEST)
        server.special["/blobs/"] = lambda request: request.answer(blobs[request.path.rpartition("/")[2]])
        image = f"{server.host}/team/large:1"
        for limit, words, layers in (
            (1000, r"its layers have .*, more than the 1000 bytes that --max-image-size allows", 0),
            (500_000, f"{image}: .*makes the image unpack to more than 488.3 KiB, which --max-image-size", 1),
        ):
            server.asked.clear()
            pull_through(embedded, registry_settings(["127.0.0.1"]), limit=limit)
            with pytest.raises(EngineError, match=f"failed to pull and unpack image .*{words}"):
                embedded.pull(image)
            assert sum("/blobs/" in path for _, path, _ in server.asked) == 1 + layers
            assert embedded.image(image) is None
            assert list(embedded.session.directory.glob("pulled-*")) == []


def test_an_image_of_several_platforms_is_known_by_its_index(embedded: EmbeddedEngine) -> None:
    manifest, blobs = sized_blobs(b"")
    arm = described(b"none", mediaType=MANIFEST, platform={"os": "linux", "architecture": "arm64"})
    ours = described(manifest, mediaType=MANIFEST, platform={"os": "linux", "architecture": "amd64"})
    with bad_registry() as server:
        kind = "application/vnd.oci.image.index.v1+json"
        index = {"schemaVersion": 2, "mediaType": kind, "manifests": [arm, ours]}
        server.manifest = json.dumps(index).encode()
        server.special[digest_of(manifest)] = lambda request: request.answer(manifest, Content_Type=MANIFEST)
        server.special["/manifests/"] = lambda request: request.answer(server.manifest, Content_Type=kind)
        server.special["/blobs/"] = lambda request: request.answer(blobs[request.path.rpartition("/")[2]])
        image = f"{server.host}/team/both:1"
        pulled = embedded.pull(image)
        assert pulled.digest == digest_of(server.manifest)
        assert pulled.config.user == "web"
        embedded.remove_image(image)
        server.manifest = json.dumps({**index, "manifests": [arm]}).encode()
        with pytest.raises(EngineError, match=r"no match for platform in manifest: .*has linux/arm64"):
            embedded.pull(image)


def test_several_pods_fetch_an_image_once(
    embedded: EmbeddedEngine, open_registry: Registry, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = open_registry.push(archive, "team/many", "1")
    asked = Asked(monkeypatch)
    with ThreadPoolExecutor(4) as pool:
        records = list(pool.map(embedded.pull, [image] * 4))
    assert records == [records[0]] * 4
    assert asked.requests.count("GET manifests/sha256") == 1
    embedded.remove_image(image)


def test_a_pull_ends_when_nobody_waits_for_it(embedded: EmbeddedEngine) -> None:
    entered, done = threading.Event(), threading.Event()

    def hang(request: Request) -> None:
        entered.set()
        done.wait(PATIENCE)  # no answer of its own ends the pull before the test is over

    with bad_registry() as server, ThreadPoolExecutor(1) as pool:
        server.special["/manifests/"] = hang
        pulling = pool.submit(embedded.pull, f"{server.host}/team/slow:1")
        assert entered.wait(PATIENCE)
        embedded.end_pulls()
        with pytest.raises(EngineError, match="failed to resolve"):
            pulling.result(timeout=PATIENCE / 2)
        done.set()


def test_without_a_puller_nothing_is_asked(embedded: EmbeddedEngine, open_registry: Registry) -> None:
    embedded.puller = None
    with pytest.raises(NoEngine, match=r"nothing pulls .*: images come from archives only"):
        embedded.pull(f"{open_registry.host}/team/none:1")


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
