"""An image's accounts, read out of a running container's root: this process stands for the container."""

import os
import subprocess
from pathlib import Path

import pytest
import requires

from podproof.effective.image import ImageConfig
from podproof.runtimes.observation.accounts import with_accounts


def test_what_is_unknown_is_read_from_the_process_root() -> None:
    found = with_accounts(ImageConfig(user="1000"), os.getpid())
    assert found is not None
    assert found.user == "1000"
    assert found.passwd == Path("/etc/passwd").read_text()
    assert found.group == Path("/etc/group").read_text()


def test_what_is_known_is_kept() -> None:
    found = with_accounts(ImageConfig(passwd=""), os.getpid())
    assert found is not None
    assert found.passwd == ""
    assert found.group == Path("/etc/group").read_text()


GROUP, PASSWD = "root:x:0:\n", "root:x:0:0:root:/root:/bin/sh\n"


@requires.needs(requires.mounts)
@pytest.mark.parametrize(
    ("name", "text", "image"),
    [
        ("group", GROUP + "54321:x:54321:\n", GROUP),
        ("group", "54321:x:54321:\n", ""),
        ("group", GROUP, None),
        ("group", GROUP + "web:x:54321:\n", None),
        ("passwd", PASSWD + "default:x:1234:0:default user:/tmp:/sbin/nologin\n", PASSWD),
        ("passwd", PASSWD + "web:x:1234:0:web:/tmp:/bin/sh\n", None),
    ],
)
def test_what_is_mounted_over_a_file_is_not_the_images_but_for_a_copy_with_one_more_entry(
    tmp_path: Path, name: str, text: str, image: str | None
) -> None:
    (tmp_path / "file").write_text(text)
    script = f"mount --bind {tmp_path}/file /etc/{name} && echo ready && exec sleep 60"
    process = subprocess.Popen(["unshare", "-m", "sh", "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        found = with_accounts(ImageConfig(), process.pid)
    finally:
        process.kill()
        process.communicate()
    assert found is not None
    assert getattr(found, name) == image


def test_nothing_is_made_up() -> None:
    assert with_accounts(None, os.getpid()) is None
    assert with_accounts(ImageConfig(user="1"), None) == ImageConfig(user="1")
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert with_accounts(ImageConfig(user="1"), ended.pid) == ImageConfig(user="1")
