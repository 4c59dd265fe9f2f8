"""An image's accounts, read out of a running container's root: this process stands for the container."""

import os
import subprocess
from pathlib import Path

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


def test_nothing_is_made_up() -> None:
    assert with_accounts(None, os.getpid()) is None
    assert with_accounts(ImageConfig(user="1"), None) == ImageConfig(user="1")
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert with_accounts(ImageConfig(user="1"), ended.pid) == ImageConfig(user="1")
