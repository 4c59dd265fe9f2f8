"""The same effective values as `resolve` gives, for those who look at a few of them only, such as the checks.

A container in its pod comes in; the values that most ask for are worked out at once, the rest when they are
asked for. No rule is written here: each value is that of the rule's own file.
"""

from .capabilities import resolve_capabilities
from .container_in_pod import ContainerInPod
from .context import CapabilitySets, Scope, VolumeOwnership
from .namespaces import resolve_user_namespace
from .privileges import resolve_no_new_privs
from .root_filesystem import resolve_read_only_root
from .sysctls import resolve_sysctls
from .users import ProcessUser, requested_user, resolve_user
from .value import Field
from .volumes import resolve_fs_group, resolve_volumes

__all__ = ["PredictedContext"]


class PredictedContext:
    """What is predicted of one container's process; names and values are EffectiveSecurityContext's."""

    __slots__ = ("capabilities", "gid", "groups", "no_new_privs", "placed", "uid")

    def __init__(self, placed: ContainerInPod) -> None:
        user = resolve_user(placed, requested_user(placed))
        self.placed = placed
        self.uid: Field[int] = user.uid
        self.gid: Field[int] = user.gid
        self.groups: Field[tuple[int, ...]] = user.groups
        self.capabilities: CapabilitySets = resolve_capabilities(placed, user.uid)
        self.no_new_privs: Field[bool] = resolve_no_new_privs(placed)

    @property
    def read_only_root(self) -> Field[bool]:
        """Whether the root file system is read-only."""
        return resolve_read_only_root(self.placed)

    @property
    def sysctls(self) -> Field[tuple[tuple[str, str], ...]]:
        """The sysctls that are set in its namespaces, as pairs of name and value."""
        return resolve_sysctls(self.placed)

    @property
    def fs_group(self) -> Field[int | None]:
        """The group that owns its volumes; None: no volume is given one."""
        return resolve_fs_group(self.placed)

    @property
    def volumes(self) -> Field[tuple[VolumeOwnership, ...]]:
        """Whose its volumes are, and what it may do with them."""
        user = ProcessUser(self.uid, self.gid, self.groups)
        return resolve_volumes(self.placed, user, self.capabilities)

    @property
    def user_namespace(self) -> Field[Scope]:
        """Whose user namespace it is: `namespaces.user` of EffectiveSecurityContext."""
        return resolve_user_namespace(self.placed)
