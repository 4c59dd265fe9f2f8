"""Why a volume cannot be mounted, in the kubelet's words."""

__all__ = ["VolumeProblem"]


class VolumeProblem(Exception):
    """Is the text after `MountVolume.SetUp failed for volume "x" : `."""
