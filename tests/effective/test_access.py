"""Who may read and write a file, by owner, group and mode, as the kernel decides it."""

import pytest

from podproof.effective.access import READ, WRITE, Process, all_of, may
from podproof.effective.value import Unknown, known

WHO = Unknown("the user of image i is not known")
USER = Process(1000, (1000, 2000), ())


@pytest.mark.parametrize(
    ("process", "mode", "owner", "group", "read", "write"),
    [
        (USER, 0o640, 1000, 5, True, True),
        (USER, 0o460, 1000, 2000, True, False),  # the owner's bits count for the owner, even if less
        (USER, 0o640, 0, 2000, True, False),
        (USER, 0o604, 0, 2000, False, False),  # and the group's for its members
        (USER, 0o606, 0, 5, True, True),
        (USER, 0o400, 0, 5, False, False),
        (USER, 0o111, 1000, 5, False, False),  # to run is another right
        (Process(0, (0,), ("DAC_OVERRIDE",)), 0, 7, 7, True, True),
        (Process(0, (0,), ("DAC_READ_SEARCH",)), 0o400, 7, 7, True, False),
        (Process(0, (0,), ()), 0o400, 7, 7, False, False),
        (Process(0, (0,), ()), 0o600, 0, 7, True, True),
        (Process(1000, WHO, (), frozenset({2000})), 0o440, 0, 2000, True, False),
        (Process(WHO, WHO, WHO), 0o444, 0, 0, True, Unknown(f"depends on the user: {WHO.reason}")),
        (
            Process(1000, WHO, ()),
            0o440,
            0,
            2000,
            Unknown(f"depends on the groups: {WHO.reason}"),
            False,
        ),
    ],
)
def test_rights(
    process: Process,
    mode: int,
    owner: int,
    group: int,
    read: bool | Unknown,
    write: bool | Unknown,
) -> None:
    assert may(process, READ, mode, owner, group) == read
    assert may(process, WRITE, mode, owner, group) == write


@pytest.mark.parametrize("value", [5, 0, "", (), False])
def test_what_is_known_is_itself(value: object) -> None:
    assert known(value) == value
    assert known(WHO) is None


def test_rights_are_joined() -> None:
    assert all_of([]) is None
    assert all_of([None, True]) is True
    assert all_of([True, WHO, True]) == WHO
    assert all_of([WHO, False, True]) is False
