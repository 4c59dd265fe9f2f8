"""Where pods run and what is known of it, as one value that every prediction is made for."""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from ..kube.feature_gates import FeatureGates
from ..kube.storage import NO_STORAGE, Storage
from ..kube.versions import NEWEST, Minor
from .image import ImageConfig
from .node import Node
from .runtime import DEFAULT_RUNTIME, RUNTIMES, RuntimeProfile

__all__ = ["Images", "Setting"]

Images = Mapping[str, ImageConfig]
"""What is known of images, by their references as pods write them."""


@lru_cache(maxsize=64)
def _gates(version: Minor, changed: tuple[tuple[str, bool], ...]) -> FeatureGates:
    return FeatureGates(version, changed)


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A node, its runtime, its kubelet's minor release and feature gates, its images, and known storage.

    An image that is absent from `images` is unknown, as is what `node` does not tell: predictions then say
    Unknown, with the reason. `changed_gates` are the gates that the cluster was told to set.
    """

    images: Images = {}
    node: Node = Node()
    runtime: RuntimeProfile = RUNTIMES[DEFAULT_RUNTIME]
    version: Minor = NEWEST
    storage: Storage = NO_STORAGE
    changed_gates: tuple[tuple[str, bool], ...] = ()

    @property
    def gates(self) -> FeatureGates:
        """The feature gates of the cluster, all components alike."""
        return _gates(self.version, self.changed_gates)

    @property
    def strict_groups(self) -> bool:
        """Whether the runtime obeys supplementalGroupsPolicy."""
        feature = self.node.features.supplemental_groups_policy
        return self.runtime.strict_groups if feature is None else feature

    @property
    def recursive_read_only(self) -> bool:
        """Whether the runtime can mount read-only with everything below."""
        feature = self.node.features.recursive_read_only_mounts
        return self.runtime.recursive_read_only if feature is None else feature

    @property
    def user_namespaces(self) -> bool:
        """Whether the runtime can give a pod a user namespace."""
        feature = self.node.features.user_namespaces
        return self.runtime.user_namespaces if feature is None else feature

    def with_images(self, images: Images) -> "Setting":
        """Return the same setting with other images."""
        return msgspec.structs.replace(self, images=images)
