"""Who a user is to the API server: a name comes in, the `userInfo` of a request goes out."""

from collections.abc import Iterable
from typing import Any

__all__ = ["ACCOUNT_PREFIX", "user_info"]

ACCOUNT_PREFIX = "system:serviceaccount:"
"""What the name of a service account begins with, as a user."""


def user_info(name: str, groups: Iterable[str] = ()) -> dict[str, Any]:
    """Say who a user is as a request does, with the groups that authentication adds.

    Source: kubernetes staging/src/k8s.io/apiserver/pkg/authentication/group and .../serviceaccount.
    """
    all_groups = list(groups)
    if name.startswith(ACCOUNT_PREFIX):
        home = name.removeprefix(ACCOUNT_PREFIX).partition(":")[0]
        all_groups = ["system:serviceaccounts", f"system:serviceaccounts:{home}", *all_groups]
    anonymous = name in ("", "system:anonymous")
    all_groups.append("system:unauthenticated" if anonymous else "system:authenticated")
    return {"username": name, "groups": list(dict.fromkeys(all_groups))}
