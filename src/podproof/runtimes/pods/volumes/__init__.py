"""A pod's volumes on disk: set up before its containers, taken down after them. One kind a file."""

from .problem import VolumeProblem
from .table import SetUp, Volumes

__all__ = ["SetUp", "VolumeProblem", "Volumes"]
