"""What a volume is for the container's process, in words: whose its files are, their mode, who may write.

The facts about a volume that mean the same for every kind come in; a VolumeOwnership goes out.
"""

import msgspec

from ..kube.pod import EmptyDirVolumeSource, Volume
from ..kube.storage import ClaimedVolume
from .access import READ, WRITE, Process, all_of, may
from .context import VolumeFile, VolumeOwnership
from .file_modes import OTHERS, find_files, octal, refused_mode
from .value import Unknown

__all__ = ["NEVER_CHANGED", "VolumeFacts"]

NEVER_CHANGED = frozenset(("host_path", "nfs", "image"))
"""Source: kubernetes pkg/volume, SetUp of each plugin; spec §1.7."""

_NAMES = {
    "aws_elastic_block_store": "awsElasticBlockStore", "downward_api": "downwardAPI", "scale_io": "scaleIO",
}  # fmt: skip


_PLACES = {
    "nfs": "on its server", "image": "in the image", "csi": "in its storage", "iscsi": "on its disk",
    "fc": "on its disk",
}  # fmt: skip


_FOLDER = 0o777


_STICKY = 0o1000  # a tmpfs of the kernel's own has it: emptyDir in memory, and all but configMaps


_SET_GROUP = 0o2000


_OF_GROUP = _SET_GROUP | 0o770  # what fsGroup adds to a folder that can be written


_ANYONE = 0o007


class VolumeFacts(msgspec.Struct, frozen=True):
    """What is the same for every kind of volume, and the words that are made of it."""

    name: str
    source: str
    group: int | None
    changed: bool | Unknown | None
    paths: tuple[str, ...]
    read_only: bool
    on_mismatch: bool
    process: Process

    def written(self, volume: Volume, user: int | None) -> VolumeOwnership:
        """Describe a volume whose files Kubernetes writes."""
        files = tuple(
            msgspec.structs.replace(
                file, readable=self._may(READ, int(file.mode, 8), file.owner) if self.paths else None
            )
            for file in find_files(volume, self.group, user)
        )
        sticky = 0 if volume.config_map is not None else _STICKY
        words = "; ".join(self._words(file, alone=len(files) == 1) for file in files) or "no file"
        refused = refused_mode(volume)
        if refused is not None:
            words = f"not known: the API server refuses mode {refused}, which is more than 0777 (511)"
        return self._made(
            f"{words}{self._rights_to(files)}",
            mode=octal(_FOLDER | sticky | (_SET_GROUP if self.group is not None else 0)),
            files=files,
            readable=all_of(file.readable for file in files),
            writable=False,
        )

    def _words(self, file: VolumeFile, *, alone: bool) -> str:
        mode = int(file.mode, 8)
        owner = file.owner or "root"
        group = "root" if self.group is None else str(self.group)
        if mode & 0o004:
            who = "anyone may read" if self.group is None else f"group {group} and anyone may read"
        elif mode & 0o040:
            who = f"group {group} may read"
        else:
            who = f"{owner} alone may read"
        which = file.path if file.path != OTHERS else "files" if alone else "other files"
        added = f" ({file.asked}, and fsGroup adds group read)" if file.asked != file.mode else ""
        return f"{who}, not write: {which} {owner}:{group} {file.mode}{added}"

    def _rights_to(self, files: tuple[VolumeFile, ...]) -> str:
        if not self.paths:
            return ""
        refused = [file for file in files if file.readable is False]
        unknown = next((file.readable for file in files if isinstance(file.readable, Unknown)), None)
        if refused and len(refused) == len(files):
            return "; this process may not read it" if len(files) == 1 else "; this process may read none"
        if refused:
            return f"; this process may not read {', '.join(file.path for file in refused)}"
        return f"; whether this process may read {unknown.reason}" if unknown is not None else ""

    def empty_dir(self, source: EmptyDirVolumeSource) -> VolumeOwnership:
        """Describe an emptyDir, which anyone may write unless it has a mode; fsGroup adds to that."""
        mode = _empty_dir_mode(source)
        if self.group is not None:
            mode |= _OF_GROUP
        group = "root" if self.group is None else str(self.group)
        who = "anyone" if self.group is None else f"group {group} and anyone"
        if mode & _ANYONE != _ANYONE:
            who = "who its mode lets in" if self.group is None else f"group {group}"
        return self._made(
            f"{who} {self._rights}: folder root:{group} {octal(mode)}{self._new_files}",
            mode=octal(mode),
            readable=self._may(READ, mode, 0),
            writable=False if self.read_only else self._may(WRITE, mode, 0),
        )

    @property
    def _closed(self) -> bool:
        return bool(self.paths) and self.read_only

    @property
    def _rights(self) -> str:
        return (
            "may read, not write, as it is mounted read-only here" if self._closed else "may read and write"
        )

    @property
    def _new_files(self) -> str:
        return "" if self.group is None or self._closed else f", new files get group {self.group}"

    @property
    def _if_it_differs(self) -> str:
        return "; nothing is changed if its top folder has this group and mode" if self.on_mismatch else ""

    def elsewhere(self, volume: Volume, behind: ClaimedVolume | None) -> VolumeOwnership:
        """Describe what lies on the node, in an image, or behind a driver."""
        changed, made = self.changed, _made_where_absent(volume)
        named = f"{behind.where} ({behind.source})" if behind is not None and behind.where else ""
        rights: bool | Unknown = Unknown("depends on the owners and modes of its files")
        if changed is True:
            text = f"group {self.group} {self._rights}{self._new_files}{self._if_it_differs}"
            rights = True
        elif isinstance(changed, Unknown):
            text = f"not known: {changed.reason}"
        elif changed is False or self.source in NEVER_CHANGED:
            text = f"never changed: keeps the owner it has {_place(self.source, behind)}"
        else:
            text = "nothing is changed: the owner that its driver gives it"
        if self.process.overrides and self.source in ("host_path", "image"):
            rights = True
        closed = ", mounted read-only here" if self._closed and changed is not True else ""
        return self._made(
            f"{named}{': ' if named else ''}{text}{made}{closed}",
            readable=rights,
            writable=False if self.read_only else rights,
            behind=named,
        )

    def block_device(self, path: str, behind: ClaimedVolume | None) -> VolumeOwnership:
        """Describe a claim that the container has as a device, which has no files to change."""
        whose = "the runtime decides whose it is"
        fs_group = "" if self.group is None else ", not fsGroup"
        named = f"{behind.where} ({behind.source})" if behind is not None and behind.where else ""
        text = f"block device at {path}: {whose}{fs_group}"
        return msgspec.structs.replace(
            self._made(f"{named}{': ' if named else ''}{text}", readable=None, writable=None, behind=named),
            group=None,
            changed=None if self.group is None else False,
        )

    def _may(self, right: int, mode: int, owner: int) -> bool | Unknown:
        return may(self.process, right, mode, owner, self.group or 0)

    def _made(
        self,
        text: str,
        *,
        mode: str | None = None,
        files: tuple[VolumeFile, ...] = (),
        readable: bool | Unknown | None,
        writable: bool | Unknown | None,
        behind: str = "",
    ) -> VolumeOwnership:
        words = self.source.split("_")
        source = _NAMES.get(self.source, words[0] + "".join(word.capitalize() for word in words[1:]))
        return VolumeOwnership(
            name=self.name,
            source=source,
            group=self.group if self.changed is True else None,
            text=text,
            changed=self.changed,
            paths=self.paths,
            mode=mode,
            files=files,
            readable=readable if self.paths else None,
            writable=writable if self.paths else None,
            behind=behind,
        )


def _empty_dir_mode(source: EmptyDirVolumeSource) -> int:
    """Give the mode of the folder; what is mounted on it has one of its own, whatever was asked for.

    Source: pkg/volume/emptydir, setupDir and setupTmpfs; linux mm/shmem.c and fs/hugetlbfs/inode.c.
    """
    if source.medium == "Memory":
        return _FOLDER | _STICKY
    if (source.medium or "").startswith("HugePages"):
        return 0o755
    return _FOLDER if source.mode is None else source.mode & (_FOLDER | _STICKY)


def _made_where_absent(volume: Volume) -> str:
    """Say what the kubelet makes of a hostPath that is absent. Source: pkg/volume/hostpath, checkType."""
    if volume.host_path is None:
        return ""
    kinds = {"DirectoryOrCreate": "folder root:root 0755", "FileOrCreate": "file root:root 0644"}
    kind = kinds.get(volume.host_path.type or "")
    return f"; where it does not exist, a {kind} is made" if kind else ""


def _place(source: str, behind: ClaimedVolume | None) -> str:
    kind = behind.source if behind is not None else source
    return _PLACES.get(kind, "on the node")
