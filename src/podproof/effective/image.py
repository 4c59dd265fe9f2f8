"""What an image says about its process: the configuration's user and command, and the passwd and group files.

Text goes in, users and groups come out. Reading archives is the room `images`'s work, not this one's.
"""

import re
from collections.abc import Iterator

import msgspec

from ..pattern import pattern

__all__ = [
    "ImageConfig",
    "ImageUser",
    "PasswdEntry",
    "find_groups",
    "find_passwd_by_name",
    "find_passwd_by_uid",
    "parse_image_user",
]

_INTEGER = pattern(r"[+-]?[0-9]+\Z", re.ASCII)


class ImageConfig(msgspec.Struct, frozen=True):
    """The facts about an image that decide the process; None means unknown, "" and () mean known to be empty.

    `passwd` and `group` are the text of /etc/passwd and /etc/group; "" also stands for a missing file.
    `set_id` (`4755 0:0`: mode, owner and group) and `file_capabilities` (`cap_net_raw=ep`) are of the file of
    the program that the image starts. `nonempty` are its `volumes`, and /tmp, as far as it has content there.
    """

    user: str | None = None
    passwd: str | None = None
    group: str | None = None
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    working_directory: str | None = None
    digest: str | None = None
    volumes: tuple[str, ...] | None = None
    exposed_ports: tuple[str, ...] | None = None
    set_id: str | None = None
    file_capabilities: str | None = None
    nonempty: tuple[str, ...] | None = None


class ImageUser(msgspec.Struct, frozen=True):
    """What the kubelet learns of USER: a uid, or a name; the group after the colon is lost on the way."""

    uid: int | None = None
    name: str = ""
    lost_group: str = ""


class PasswdEntry(msgspec.Struct, frozen=True):
    """A line of /etc/passwd, as far as a runtime reads it."""

    name: str
    uid: int
    gid: int


def parse_integer(text: str) -> int | None:
    """Parse as Go's strconv does in base 10: an optional sign and ASCII digits, within 64 bits; else None."""
    if not _INTEGER.match(text):
        return None
    # 20 digits hold every 64-bit number with its sign; longer ones are not worth the conversion
    if len(text.lstrip("+-").lstrip("0")) > 19:
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None


def parse_image_user(user: str) -> ImageUser:
    """Read USER as the runtime reports it: the text before the first colon, a number or a name.

    No USER at all is uid 0 to the kubelet; `USER root` is a name, whose uid the kubelet does not look up.
    Source: containerd internal/cri/util, GetUserFromImage; kubernetes kuberuntime/helpers.go, getImageUser.
    """
    first, _, group = user.partition(":")
    number = parse_integer(first)
    if number is not None:
        return ImageUser(uid=number, lost_group=group)
    if not first:
        return ImageUser(uid=0, lost_group=group)
    return ImageUser(name=first, lost_group=group)


def _lines(text: str) -> Iterator[list[str]]:
    # One line at a time, never a copy of the whole: the text may have a million lines.
    start, end = 0, len(text)
    while start < end:
        stop = text.find("\n", start)
        stop = end if stop < 0 else stop
        line = text[start:stop].strip()
        start = stop + 1
        if line:
            yield line.split(":")


def _number(fields: list[str], index: int) -> int:
    # A field that is absent or no number counts as 0: runtimes ignore the error.
    # Source: moby/sys/user, parseParts.
    return (parse_integer(fields[index]) or 0) if len(fields) > index else 0


def find_passwd_by_uid(passwd: str, uid: int) -> PasswdEntry | None:
    """Find the first entry with this uid, as runtimes do for gid and name; None when there is none."""
    wanted = str(uid)
    for fields in _lines(passwd):
        third = fields[2] if len(fields) > 2 else ""
        if third == wanted or _number(fields, 2) == uid:
            return PasswdEntry(fields[0], uid, _number(fields, 3))
    return None


def find_passwd_by_name(passwd: str, name: str) -> PasswdEntry | None:
    """Find the first entry of this name; None when there is none, which stops the container."""
    for fields in _lines(passwd):
        if fields[0] == name:
            return PasswdEntry(name, _number(fields, 2), _number(fields, 3))
    return None


def has_group(group: str, gid: int) -> bool:
    """Tell whether a group file has an entry with this gid, or of this name."""
    return any(fields[0] == str(gid) or _number(fields, 2) == gid for fields in _lines(group))


def find_groups(group: str, name: str) -> tuple[int, ...]:
    """Give the gids whose member list has the user's name, except the group of the same name.

    Source: containerd pkg/oci, WithAdditionalGIDs.
    """
    gids: list[int] = []
    for fields in _lines(group):
        if fields[0] != name and len(fields) > 3 and name in fields[3].split(","):
            gids.append(_number(fields, 2))
    return tuple(gids)
