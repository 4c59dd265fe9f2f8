"""What a person says of registries: data only. Hosts are written HOST or HOST:PORT, as in image names."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

import msgspec

__all__ = ["RegistrySettings", "host_of", "names_host"]


class RegistrySettings(msgspec.Struct, frozen=True, kw_only=True):
    """How registries are reached.

    `allowed` may be in this machine or its network, as may those that the other fields name. `plain_http`:
    without TLS. `authorities`: PEM files by host, trusted beside the system's. `mirrors`: asked before the
    registry itself, in order. `plain_loopback`: loopback addresses that have no authority go without TLS, at
    once or where they do not know it, as containerd 1 and 2 have it. `own_logins`: where no manifest has a
    login, those of the person who runs this are used.
    """

    allowed: tuple[str, ...] = ()
    plain_http: tuple[str, ...] = ()
    authorities: Mapping[str, Path] = {}
    mirrors: Mapping[str, tuple[str, ...]] = {}
    own_logins: bool = False
    plain_loopback: Literal["never", "first", "fallback"] = "never"

    @property
    def reachable(self) -> frozenset[str]:
        """Give the hosts that may be anywhere: who says how to reach a registry means to reach it."""
        mirrors = (mirror for of in self.mirrors.values() for mirror in of)
        return frozenset((*self.allowed, *self.plain_http, *self.authorities, *mirrors))

    def goes_plain(self, authority: str) -> bool:
        """Tell whether a registry, HOST or HOST:PORT, may be asked without TLS."""
        return self.schemes(authority)[-1] == "http"

    def schemes(self, authority: str) -> tuple[Literal["http", "https"], ...]:
        """Say how a registry is asked: https, http, or the first and then the other."""
        if names_host(self.plain_http, authority):
            return ("http",)
        if not _is_loopback(authority) or names_host(self.authorities, authority):
            return ("https",)
        found: dict[str, tuple[Literal["http", "https"], ...]] = {
            "first": ("http",),
            "fallback": ("https", "http"),
        }
        return found.get(self.plain_loopback, ("https",))


def host_of(authority: str) -> str:
    """Leave out the port of HOST:PORT, and the brackets of an IPv6 address."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]


def names_host(hosts: Collection[str], authority: str) -> bool:
    """Tell whether a list has this HOST:PORT, or the host for every port."""
    return authority in hosts or host_of(authority) in hosts


def _is_loopback(authority: str) -> bool:
    host = host_of(authority)
    return host in ("localhost", "::1") or host.startswith("127.")
