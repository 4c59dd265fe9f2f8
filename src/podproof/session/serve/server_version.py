"""The API server's version: asked for at first, and again now and then, since clusters are upgraded.

An open client comes in; versions such as `v1.34` go out to a VersionTaker, and failures too. Nothing is
judged here.
"""

import asyncio
import random
import re
from typing import Any, Protocol

import msgspec

from .api_client import ApiClient
from .api_errors import ApiServerError, AskedFor, error_of_answer
from .api_lists import read_body
from .api_watch import WatchTimes

__all__ = ["VersionTaker", "keep_version"]

PATH = "/version"
_MOST_BYTES = 64 * 1024
_NUMBER = re.compile(r"v?1\.(\d{1,4})(?:\D|$)")


class _VersionInfo(msgspec.Struct, frozen=True):
    gitVersion: str


class VersionTaker(Protocol):
    """Takes what was found out."""

    def take_version(self, version: str) -> None:
        """Take the version; it is the same as before, as a rule."""
        ...

    def version_failed(self, error: ApiServerError) -> None:
        """Take note that the version could not be had, and is asked for again soon."""
        ...


async def keep_version(client: ApiClient, http: Any, taker: VersionTaker, times: WatchTimes) -> None:
    """Ask for the version through `http`, again and again, until cancelled."""
    failures = 0
    while True:
        wait = times.ask_version
        try:
            with client.errors("get", PATH):
                taker.take_version(await _ask(client, http))
            failures = 0
        except ApiServerError as error:
            most = min(times.longest_wait, times.first_wait * 2 ** min(failures, 16))
            wait = most * random.uniform(0.5, 1.0)
            failures += 1
            taker.version_failed(error)
        await asyncio.sleep(wait)


async def _ask(client: ApiClient, http: Any) -> str:
    async with http.stream("GET", PATH) as response:
        body = await read_body(response, _MOST_BYTES) or b""
        access = client.access
        if response.status_code == 403:  # Source: kubernetes v1.37.2 bootstrappolicy, publicInfoViewer
            raise ApiServerError(
                f"{access.who} may not get {PATH}, which the ClusterRole system:public-info-viewer allows; "
                "bind it, or name the version with --kubernetes-version",
                "forbidden",
                403,
            )
        if response.status_code != 200:
            raise error_of_answer(
                response.status_code, body, AskedFor("get", PATH), access.server, access.who
            )
    said = msgspec.json.decode(body, type=_VersionInfo).gitVersion
    match = _NUMBER.match(said)
    if match is None:
        raise ApiServerError(
            f"the API server {access.server} has a version that is not Kubernetes 1: {said[:40]!r}",
            "unreadable",
        )
    return f"v1.{int(match[1])}"
