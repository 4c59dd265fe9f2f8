"""What a registry sends: read if it is what was asked for, of a bounded size, and in time."""

import json
import threading
import time
from typing import Any

import pytest
from bad_registry import (
    CONFIG,
    LAYER,
    MANIFEST,
    BadRegistry,
    Request,
    blob,
    described,
    digest_of,
    manifest_of,
    open_repository,
)
from waiting import PATIENCE

from podproof.images.archive import OtherPlatform
from podproof.images.distribution import client, transport
from podproof.images.distribution.errors import NotThere, PullError, Unreachable
from podproof.images.distribution.resolving import resolve
from podproof.images.errors import ImageError


def test_a_good_registry_is_read(bad: BadRegistry) -> None:
    repository = open_repository(bad)
    image = resolve(repository, "1", "linux/amd64")
    assert image.top.digest == digest_of(bad.manifest)
    assert image.documents == {digest_of(bad.manifest): bad.manifest, digest_of(CONFIG): CONFIG}
    assert b"".join(repository.blob(image.layers[0])) == LAYER
    with pytest.raises(NotThere, match=r"127.0.0.1:\d+/team/web:1: not found"):
        blob(repository, b"nothing")


def endless(request: Request) -> None:
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    for _ in range(100_000):
        request.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def test_bodies_without_end_are_given_up(bad: BadRegistry) -> None:
    bad.special["/team/"] = endless
    repository = open_repository(bad)
    with pytest.raises(PullError, match="is larger than the 19000 bytes announced"):
        blob(repository)
    with pytest.raises(PullError, match="has more than 4194304 bytes"):
        repository.manifest("1")


def test_a_giant_manifest_is_refused_before_it_is_read(bad: BadRegistry) -> None:
    bad.special["/manifests/"] = lambda request: request.answer(Content_Length=str(2**40))
    with pytest.raises(PullError, match=f"has {2**40} bytes, more than 4194304"):
        open_repository(bad).manifest("1")


@pytest.mark.parametrize("where", ["headers", "body"])
def test_what_drips_is_given_up(bad: BadRegistry, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setattr(client, "_PAUSES", ())
    monkeypatch.setattr(client, "_GRACE", 0.5)
    monkeypatch.setattr(client, "_SLOWEST", 1e9)
    monkeypatch.setattr(transport, "_ANSWERING", 0.5)

    def drip(request: Request) -> None:
        if where == "body":
            request.send_response(200)
            request.send_header("Content-Length", str(len(LAYER)))
            request.end_headers()
        for _ in range(int(PATIENCE / 0.05)):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.05)

    bad.special["/blobs/"] = drip
    began = time.monotonic()
    with pytest.raises(Unreachable, match="in time"):
        blob(open_repository(bad))
    assert time.monotonic() - began < PATIENCE / 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"y" * len(LAYER), "has wrong content: its digest is sha256:"),
        (LAYER + b"more", "has 19004 bytes, not the 19000"),
    ],
)
def test_a_blob_that_is_another_is_refused(bad: BadRegistry, body: bytes, words: str) -> None:
    bad.special["/blobs/"] = lambda request: request.answer(body)
    with pytest.raises(PullError, match=words):
        blob(open_repository(bad))


def test_a_manifest_that_is_another_is_refused(bad: BadRegistry) -> None:
    repository = open_repository(bad)
    with pytest.raises(PullError, match="has wrong content"):
        repository.manifest(digest_of(b"other"))
    with pytest.raises(PullError, match="only sha256 digests can be read"):
        repository.manifest(f"sha512:{'0' * 128}")
    bad.special["/manifests/"] = lambda request: request.answer(
        bad.manifest, Docker_Content_Digest=digest_of(b"other")
    )
    with pytest.raises(PullError, match="has wrong content"):
        repository.manifest("1")


def test_what_breaks_is_taken_up_where_it_broke(bad: BadRegistry) -> None:
    ranges: list[str | None] = []

    def break_off(request: Request) -> None:
        ranges.append(request.headers.get("Range"))
        start = int(ranges[-1].removeprefix("bytes=").removesuffix("-")) if ranges[-1] else 0
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(LAYER) - start))
        request.send_header("Content-Range", f"bytes {start}-{len(LAYER) - 1}/{len(LAYER)}")
        request.end_headers()
        request.wfile.write(LAYER[start : start + 8000])
        request.close_connection = True

    bad.special["/blobs/"] = break_off
    assert blob(open_repository(bad)) == LAYER
    assert ranges == [None, "bytes=8000-", "bytes=16000-"]


def test_a_registry_without_parts_is_read_anew(bad: BadRegistry) -> None:
    seen: list[int] = []

    def break_once(request: Request) -> None:
        seen.append(1)
        request.send_response(200)
        request.send_header("Content-Length", str(len(LAYER)))
        request.end_headers()
        request.wfile.write(LAYER if len(seen) > 1 else LAYER[:5000])
        request.close_connection = True

    bad.special["/blobs/"] = break_once
    assert blob(open_repository(bad)) == LAYER
    assert len(seen) == 2


def test_a_busy_registry_is_asked_again(bad: BadRegistry) -> None:
    def busy(request: Request) -> None:
        if len(bad.asked) < 3:
            request.answer(status=503, Retry_After="0")
        else:
            request.answer(LAYER)

    bad.special["/blobs/"] = busy
    assert blob(open_repository(bad)) == LAYER
    bad.special["/blobs/"] = lambda request: request.answer(status=429)
    with pytest.raises(PullError, match=r"unexpected status from GET request .*: 429 Too Many Requests"):
        blob(open_repository(bad))


def index_of(*children: dict[str, Any]) -> bytes:
    return json.dumps({"schemaVersion": 2, "manifests": children}).encode()


def test_an_index_leads_to_the_platform(bad: BadRegistry) -> None:
    manifest = bad.manifest
    arm = {"os": "linux", "architecture": "arm64"}
    bad.manifest = index_of(
        described(b"none", platform=arm),
        described(manifest, platform={"os": "linux", "architecture": "amd64"}),
    )
    bad.special[digest_of(manifest)] = lambda request: request.answer(manifest)
    repository = open_repository(bad)
    image = resolve(repository, "1", "linux/amd64")
    assert (image.top.digest, image.manifest.digest) == (digest_of(bad.manifest), digest_of(manifest))
    bad.manifest = index_of(described(b"none", platform=arm))
    with pytest.raises(OtherPlatform, match="has linux/arm64, wanted linux/amd64"):
        resolve(repository, "1", "linux/amd64")


@pytest.mark.parametrize(
    ("written", "sent", "kind"),
    [
        (MANIFEST, "text/plain", MANIFEST),
        (None, MANIFEST, MANIFEST),
        ("image/png", "text/html", MANIFEST),
        (None, MANIFEST.replace("oci.image", "docker.distribution"), MANIFEST),
        ("application/vnd.docker.distribution.manifest.v2+json", MANIFEST, None),
    ],
)
def test_a_manifest_says_what_it_is(
    bad: BadRegistry, written: str | None, sent: str, kind: str | None
) -> None:
    document = json.dumps({**json.loads(bad.manifest), "mediaType": written}).encode()
    bad.special["/manifests/"] = lambda request: request.answer(document, Content_Type=sent)
    assert resolve(open_repository(bad), "1", "linux/amd64").kind == (kind or written)


def test_documents_that_are_wrong_are_refused(bad: BadRegistry) -> None:
    repository = open_repository(bad)
    deep = bad.manifest
    for _ in range(8):
        inner = deep
        bad.special[digest_of(inner)] = lambda request, inner=inner: request.answer(inner)  # type: ignore[misc]  # a lambda's default
        deep = index_of(described(inner))
    for manifest, words in (
        (b"[" * 100_000, "has more than|nested too deeply"),
        (b"no", "is not JSON"),
        (b"[]", "must be a mapping"),
        (manifest_of({"digest": "sha256:x"}), "must have a digest and a size"),
        (manifest_of(described(LAYER, digest="../../other/x")), r'digest "../../other/x" must be sha256'),
        (index_of(described(LAYER, digest="../../v2/x")), r'digest "../../v2/x" must be sha256'),
        (manifest_of(described(LAYER, digest="sha256:\x1b[2J")), r"digest 'sha256:.x1b.2J' must be"),
        (manifest_of(described(LAYER, size=-1)), "must have a digest and a size"),
        (manifest_of(described(LAYER, urls=["http://169.254.169.254/"])), "lies elsewhere, as its urls say"),
        (manifest_of(*[described(LAYER)] * 1001), "has 1001 layers"),
        (deep, "indexes are nested deeper"),
    ):
        bad.manifest = manifest
        with pytest.raises(ImageError, match=words):
            resolve(repository, "1", "linux/amd64")


def test_stopping_ends_what_is_under_way(bad: BadRegistry) -> None:
    entered, over = threading.Event(), threading.Event()

    def wait(request: Request) -> None:
        entered.set()
        over.wait(PATIENCE)

    bad.special["/blobs/"] = wait
    repository = open_repository(bad)

    def stop() -> None:
        entered.wait()
        time.sleep(0.1)
        repository._transport.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    began = time.monotonic()
    with pytest.raises(Unreachable):
        blob(repository)
    over.set()
    thread.join()
    assert time.monotonic() - began < PATIENCE / 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 2\x1b[2J00 fine\r\n\r\n",
        b"\x1b]0;title\x07\r\n\r\n",
        b"HTTP/1.1 200 fine\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 fine\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 fine\r\nTransfer-Encoding: chunked\r\n\r\n\x1bzz\r\n",
    ],
)
def test_what_is_no_http_cannot_steer_a_terminal(bad: BadRegistry, answer: bytes) -> None:
    def send(request: Request) -> None:
        request.wfile.write(answer)
        request.close_connection = True

    bad.special["/blobs/"] = send
    with pytest.raises(Unreachable) as caught:
        blob(open_repository(bad))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
