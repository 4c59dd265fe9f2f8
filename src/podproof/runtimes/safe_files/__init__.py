"""Files in folders that a container can write: reached by descriptors and never by a path twice.

Whoever can write a folder can replace any name in it by a link between two looks. Everything here starts from
an open folder, resolves below it without a link, and then acts on what was opened: status, owner and mode are
those of one file. Trees may be as deep, as wide and as odd as their maker likes: walks are iterative, hold
few descriptors, cross no mount, and end with their budget.
"""

from .descriptors import open_beneath, open_folder, open_in_root, read_end, set_mode, set_owner
from .removal import remove_contents
from .tree import Budget, BudgetSpent, Entry, walk
from .usage import UsageCount

__all__ = [
    "Budget",
    "BudgetSpent",
    "Entry",
    "UsageCount",
    "open_beneath",
    "open_folder",
    "open_in_root",
    "read_end",
    "remove_contents",
    "set_mode",
    "set_owner",
    "walk",
]
