"""A containerd's content store gives an image's facts by its manifest or its configuration's digest."""

import json
from pathlib import Path

import pytest
from image_builder import digest, layer, layout_files, write_folder

from podproof.images.content import image_by_id, image_from_content
from podproof.images.errors import ImageError

PASSWD = b"root:x:0:0:root:/root:/bin/sh\n"
BASE = layer({"etc": None, "etc/passwd": PASSWD})


def store(root: Path, **settings: str) -> tuple[str, str, Path]:
    """Make a store: the manifest's digest, the configuration's, and the layer's blob."""
    files = layout_files("web:1", [BASE], **settings)
    index = json.loads(files.pop("index.json"))
    manifest = index["manifests"][0]["digest"]
    parts = json.loads(files[f"blobs/sha256/{manifest[7:]}"])
    folder = write_folder(root / "io.containerd.content.v1.content", files)
    return manifest, parts["config"]["digest"], folder / "blobs/sha256" / parts["layers"][0]["digest"][7:]


def test_both_digests_lead_to_the_facts(tmp_path: Path) -> None:
    manifest, config, _ = store(tmp_path, User="1000")
    found = image_from_content(tmp_path, manifest)
    assert (found.user, found.passwd, found.group, found.digest) == ("1000", PASSWD.decode(), "", manifest)
    assert image_by_id(tmp_path, config) == found
    assert image_by_id(tmp_path, digest(b"another")) is None
    assert image_by_id(tmp_path / "nowhere", config) is None


def test_a_layer_that_was_dropped_leaves_accounts_unknown(tmp_path: Path) -> None:
    manifest, _, blob = store(tmp_path, User="alice")
    blob.unlink()
    found = image_from_content(tmp_path, manifest)
    assert (found.user, found.passwd, found.group) == ("alice", None, None)


def test_a_damaged_layer_and_another_platform_are_named(tmp_path: Path) -> None:
    manifest, _, blob = store(tmp_path)
    blob.write_bytes(b"\x1f\x8b damaged")
    with pytest.raises(ImageError, match=r"corrupt|wrong content"):
        image_from_content(tmp_path, manifest)
    with pytest.raises(ImageError, match="has linux/amd64, wanted linux/arm64"):
        image_from_content(tmp_path, manifest, platform="linux/arm64")
    with pytest.raises(ImageError, match="has no blobs/sha256/"):
        image_from_content(tmp_path, digest(b"no manifest"))
