"""What the kubelet knows of one container that a runtime has made. Data only."""

from typing import Literal

import msgspec

__all__ = ["ContainerState", "Instance"]

ContainerState = Literal["created", "running", "exited", "unknown"]


class Instance(msgspec.Struct, frozen=True):
    """One attempt at one container. Times are seconds since the epoch, 0 for never.

    `id` is the runtime's, `image_id` what the image resolved to. `reason` and `message` are the runtime's,
    and for one that has ended the termination message.
    """

    id: str
    name: str
    state: ContainerState
    restart_count: int = 0
    created_at: float = 0.0
    started_at: float = 0.0
    finished_at: float = 0.0
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    image: str = ""
    image_id: str = ""
