"""The files that Kubernetes writes into secrets and the other volumes of its own, and their modes.

A volume and the pod's fsGroup come in, what the kernel will show of each file goes out. No file is made here.
Source: kubernetes 1.37.2 pkg/volume: secret, configmap, downwardapi and projected, MakePayload and
CollectData; volume_linux.go, changeFilePermission; recorded on containerd 1.6.20 and 2.3.7.
"""

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from ..kube.pod import KeyToPath, PodSpec, Volume, VolumeProjection
from ..kube.visit import visit_containers
from .context import VolumeFile

__all__ = ["OTHERS", "find_files", "octal", "refused_mode", "source_mode", "token_user"]

DEFAULT_MODE = 0o644
"""Source: kubernetes pkg/apis/core/v1/defaults.go; SecretVolumeSourceDefaultMode and its like."""

_LARGEST = 0o777
_TOKEN_MODE = 0o600
_GROUP_READ = 0o440
"""What fsGroup adds to each file of a volume that is read-only for the kubelet."""

_Written = tuple[str, int, int]
"""Path, mode as asked, and owner of a file."""

OTHERS = "*"
"""Stands for all files of a volume that no item names."""


def octal(mode: int) -> str:
    """Write a mode as manifests and `ls` count it: `0440`."""
    return f"{mode:04o}"


def token_user(spec: PodSpec) -> int | None:
    """Give the user that owns the service account's token: that of all containers, if it is the same.

    Only runAsUser counts, never the image's user. None: the token is root's.
    Source: kubernetes pkg/volume/util/util.go, FsUserFrom.
    """
    pod = spec.security_context
    users: set[int | None] = set()
    for _, container, _ in visit_containers(spec):
        own = container.security_context
        user = own.run_as_user if own is not None else None
        users.add(user if user is not None else (pod.run_as_user if pod is not None else None))
    return users.pop() if len(users) == 1 else None


@lru_cache(maxsize=1024)
def find_files(volume: Volume, group: int | None, user: int | None) -> tuple[VolumeFile, ...]:
    """List the volume's files with owner and mode; `*` stands for those that no item names.

    `group` is the pod's fsGroup, `user` what `token_user` gives. Empty for other kinds of volumes, and
    without the files whose mode the API server refuses.
    """
    return tuple(
        VolumeFile(path, octal(mode | (_GROUP_READ if group is not None else 0)), octal(mode), owner)
        for path, mode, owner in _written(volume, group, user)
        if 0 <= mode <= _LARGEST
    )


def refused_mode(volume: Volume) -> int | None:
    """Give the first mode that the API server refuses; None when it takes them all."""
    return next((mode for _, mode, _ in _written(volume, None, None) if not 0 <= mode <= _LARGEST), None)


def source_mode(volume: Volume) -> int | None:
    """Give the volume's defaultMode, with the API server's default; None for kinds that have none."""
    for source in (volume.secret, volume.config_map, volume.downward_api, volume.projected):
        if source is not None:
            return DEFAULT_MODE if source.default_mode is None else source.default_mode
    return None


def _written(volume: Volume, group: int | None, user: int | None) -> Iterator[_Written]:
    default = source_mode(volume)
    if default is None:
        return
    if volume.projected is not None:
        owner = volume.projected.default_user
        for source in volume.projected.sources or ():
            yield from _projected(source, _Defaults(default, owner, group, user))
    keys = volume.secret or volume.config_map or volume.downward_api
    if keys is not None:
        defaults = _Defaults(default, keys.default_user)
        yield from _items(keys.items, defaults, named_only=volume.downward_api is not None)


class _Defaults(msgspec.Struct, frozen=True):
    """What holds for the files of a volume that do not say otherwise; `token_user` owns what is secret."""

    mode: int
    user: int | None
    group: int | None = None
    token_user: int | None = None

    def secret(self, path: str, own: int | None) -> _Written:
        """Give a token, a bundle or a certificate, which is for its owner alone where it has one."""
        user = next((one for one in (own, self.user, self.token_user) if one is not None), None)
        mode = self.mode if user is None and self.group is None else _TOKEN_MODE
        return path, mode, user or 0


def _projected(source: VolumeProjection, defaults: _Defaults) -> Iterator[_Written]:
    if source.downward_api is not None:
        yield from _items(source.downward_api.items, defaults, named_only=True)
    for keys in (source.secret, source.config_map):
        if keys is not None:
            yield from _items(keys.items, defaults, named_only=False)
    for made in (source.service_account_token, source.cluster_trust_bundle):
        if made is not None:
            yield defaults.secret(made.path or "", made.user)
    certificate = source.pod_certificate
    if certificate is not None:
        paths = (certificate.credential_bundle_path, certificate.key_path, certificate.certificate_chain_path)
        yield from (defaults.secret(path, certificate.user) for path in paths if path)


def _items(
    items: tuple[KeyToPath, ...] | None, defaults: _Defaults, *, named_only: bool
) -> Iterator[_Written]:
    if not items and not named_only:
        yield OTHERS, defaults.mode, defaults.user or 0
    for item in items or ():
        mode = defaults.mode if item.mode is None else item.mode
        user = defaults.user if item.user is None else item.user
        yield item.path or "", mode, user or 0
