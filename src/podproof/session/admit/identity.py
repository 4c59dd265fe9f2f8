"""Who asks a cluster: a user or a service account as the command line names it, as a request's `userInfo`."""

from typing import Any

import msgspec

from ...admission.user_info import ACCOUNT_PREFIX, user_info

__all__ = ["Requester"]

SOMEBODY = "some-user"
"""Who sends manifests when nobody is named: an authenticated user to whom no role applies."""


class Requester(msgspec.Struct, frozen=True):
    """Who sends the manifests, and what their namespace is where they name none.

    `account` is the service account, as namespace ("" for the request's) and name, None when none was named:
    new pods of its namespace that name none run as it, and without `user` it asks as well.
    `explicit_namespace` says that the namespace was asked for, so that no manifest may name another.
    """

    user: str | None = None
    groups: tuple[str, ...] = ()
    account: tuple[str, str] | None = None
    namespace: str = "default"
    explicit_namespace: bool = False

    def user_info(self, namespace: str) -> dict[str, Any]:
        """Say who sends a manifest into a namespace, as the `userInfo` of a request."""
        if self.user is None and self.account is not None:
            return user_info(f"{ACCOUNT_PREFIX}{self.account[0] or namespace}:{self.account[1]}", self.groups)
        return user_info(SOMEBODY if self.user is None else self.user, self.groups)
