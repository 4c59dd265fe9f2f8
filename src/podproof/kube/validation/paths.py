"""Paths inside containers, volumes and profiles.

A path comes in and what is wrong with it is added. It never touches a file system.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateLocalDescendingPath, ValidateLocalNonReservedPath.
"""

from ...manifest.route import Route
from ..field_error import Errors, invalid


def has_backsteps(path: str) -> bool:
    """Say whether an element of the path is `..`."""
    return ".." in path and ".." in path.split("/")


def validate_no_backsteps(errors: Errors, path: str, route: Route, *, field: str | None = None) -> None:
    """Refuse `..` as an element."""
    if has_backsteps(path):
        invalid(errors, route, path, "must not contain '..'", field=field)


def validate_descending(errors: Errors, path: str, route: Route, *, field: str | None = None) -> None:
    """Refuse absolute paths and `..`; the empty path is fine."""
    if path.startswith("/"):
        invalid(errors, route, path, "must be a relative path", field=field)
    validate_no_backsteps(errors, path, route, field=field)


def validate_non_reserved(errors: Errors, path: str, route: Route) -> None:
    """Refuse also names that start with `..`, which volumes use for their own bookkeeping."""
    validate_descending(errors, path, route)
    if path.startswith("..") and not path.startswith("../"):
        invalid(errors, route, path, "must not start with '..'")
