"""The images of the recorded pods, built again: busybox, four accounts, programs that tell who they are.

`recorded_archive()` builds one OCI archive of them all into .podproof/images (a second, once), or skips the
test with the reason. RECORDED maps each reference to the settings that differ.
"""

import functools
import hashlib
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import podproof.images.layer_writer
import podproof.images.layout
from podproof.images.layer_writer import LayerEntry, write_layer
from podproof.images.layout import Image, ImageSettings, write_archive

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).parent / "programs"
CACHE = ROOT / ".podproof" / "images"

PASSWD = (
    "root:x:0:0:root:/root:/bin/sh\n"
    "alice:x:1000:1001:alice:/home:/bin/sh\n"
    "bob:x:2000:2000:bob:/home:/bin/sh\n"
    "nobody:x:65534:65534::/:/bin/false\n"
)
GROUP = "root:x:0:\nalice:x:1001:\nwheel:x:10:alice\nextra:x:50000:alice,bob\nbobg:x:2000:\n"

SLEEPER = ("/bin/sh", "-c", 'trap "exit 0" TERM; while :; do sleep 1; done')
"""What the images run where a pod does not say."""

NET_BIND_SERVICE = (0x02000001).to_bytes(4, "little") + (1 << 10).to_bytes(4, "little") + bytes(12)
"""`cap_net_bind_service=ep` as security.capability holds it. Source: linux/capability.h, vfs_cap_data."""

RECORDED: dict[str, ImageSettings] = {
    "local.lab/bb:1": ImageSettings(command=SLEEPER),
    "local.lab/bb-num:1": ImageSettings(command=SLEEPER, user="1000"),
    "local.lab/bb-numgrp:1": ImageSettings(command=SLEEPER, user="1000:2000"),
    "local.lab/bb-name:1": ImageSettings(command=SLEEPER, user="alice"),
    "local.lab/bb-root:1": ImageSettings(command=SLEEPER, user="root"),
    "local.lab/bb-zero:1": ImageSettings(command=SLEEPER, user="0"),
    "local.lab/bb-nouser:1": ImageSettings(command=SLEEPER, user="carol"),
    "local.lab/bb-wd:1": ImageSettings(command=SLEEPER, working_directory="/nosuch/dir"),
    "local.lab/bb-fcap:1": ImageSettings(command=SLEEPER),
    "local.lab/empty:1": ImageSettings(),
}


def folder(path: str, mode: int = 0o755) -> LayerEntry:
    return LayerEntry(path=path, kind="folder", mode=mode)


def busybox_entries(busybox: Path) -> list[LayerEntry]:
    """The files of every recorded image but bb-fcap's own one."""
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    return [
        *(folder(path) for path in ("bin", "data", "dev", "etc", "home", "proc", "root", "sys")),
        folder("tmp", 0o1777),
        LayerEntry(path="etc/passwd", data=PASSWD.encode()),
        LayerEntry(path="etc/group", data=GROUP.encode()),
        LayerEntry(path="bin/busybox", mode=0o755, source=busybox),
        *(
            LayerEntry(path=f"bin/{name}", kind="link", target="busybox")
            for name in applets
            if name not in ("busybox", "suid")
        ),
        LayerEntry(path="bin/suid", mode=0o4755, source=PROGRAMS / "suid"),
        LayerEntry(path="bin/nosuid", mode=0o755, source=PROGRAMS / "suid"),
        LayerEntry(path="bin/netprobe", mode=0o755, source=PROGRAMS / "netprobe"),
    ]


@functools.cache
def static_busybox() -> Path:
    """A busybox that needs no library: this machine's, else the package's; else the test is skipped."""
    if platform.machine() != "x86_64":
        pytest.skip(
            f"the programs of the recorded images are for x86-64, this machine is {platform.machine()}"
        )
    own = shutil.which("busybox")
    if own is not None and not has_interpreter(Path(own)):
        return Path(own).resolve()
    target = CACHE / "busybox"
    if not target.is_file():
        _unpack_busybox(target)
    return target


def has_interpreter(program: Path) -> bool:
    """Whether an ELF program is linked dynamically. Source: elf(5), PT_INTERP."""
    data = program.read_bytes()
    start, size, count = (
        int.from_bytes(data[at : at + n], "little") for at, n in ((32, 8), (54, 2), (56, 2))
    )
    kinds = (int.from_bytes(data[at : at + 4], "little") for at in range(start, start + size * count, size))
    return 3 in kinds


def _unpack_busybox(target: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        download = subprocess.run(
            ["apt-get", "download", "-q", "busybox-static"], cwd=work, capture_output=True, text=True
        )
        packages = list(Path(work).glob("*.deb"))
        if download.returncode != 0 or not packages:
            pytest.skip(f"no static busybox here, and none from apt-get: {download.stderr.strip()[-200:]}")
        subprocess.run(["dpkg-deb", "-x", str(packages[0]), f"{work}/root"], check=True)
        found = [Path(work, "root", path) for path in ("bin/busybox", "usr/bin/busybox")]
        next(path for path in found if path.is_file()).rename(target)


def recorded_archive() -> Path:
    """The archive with all of RECORDED; built when it is missing or its inputs have changed."""
    busybox = static_busybox()
    inputs = [busybox, PROGRAMS / "suid", PROGRAMS / "netprobe", Path(__file__)]
    inputs += [
        Path(module.__file__ or "") for module in (podproof.images.layout, podproof.images.layer_writer)
    ]
    digest = hashlib.sha256(
        b"".join(hashlib.sha256(path.read_bytes()).digest() for path in inputs)
    ).hexdigest()
    archive = CACHE / f"recorded-{digest[:16]}.tar"
    if not archive.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        build_recorded(archive, busybox)
    return archive


def build_recorded(archive: Path, busybox: Path) -> None:
    fcap = LayerEntry(
        path="bin/fcap",
        mode=0o755,
        source=PROGRAMS / "suid",
        xattrs={"security.capability": NET_BIND_SERVICE},
    )
    with tempfile.TemporaryDirectory(dir=archive.parent) as work:
        layers = {name: Path(work, name) for name in ("base", "fcap")}
        for name, entries in (("base", busybox_entries(busybox)), ("fcap", [fcap])):
            with layers[name].open("wb") as file:
                write_layer(file, entries, epoch=0)
        images = [
            Image(
                reference,
                reference,
                tuple(layers.values()) if "fcap" in reference else (layers["base"],),
                settings,
            )
            for reference, settings in RECORDED.items()
        ]
        write_archive(archive, images, epoch=0)


@pytest.fixture(scope="session")
def recorded_images() -> Path:
    return recorded_archive()
