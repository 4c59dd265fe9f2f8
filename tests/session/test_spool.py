"""The spool gives back what was written, in memory or in a file, and says where there is no room."""

import os
import tempfile

import pytest

from podproof.errors import OutputError
from podproof.session.spool import Spool


@pytest.mark.parametrize("in_memory", [0, 7, 8, 9, 1000])
def test_what_was_written_is_read(in_memory: int) -> None:
    spool = Spool(in_memory)
    spans = [spool.write(part) for part in (b"abcd", b"", b"efgh", b"i")]
    assert [spool.read(span) for span in spans] == [b"abcd", b"", b"efgh", b"i"]
    assert spool.read(spool.write(b"j")) == b"j"
    assert spool.read(spans[0]) == b"abcd"


def test_without_room_it_is_an_error_of_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/proc/none")
    spool = Spool(4)
    spool.write(b"abcd")
    with pytest.raises(OutputError, match="cannot write a temporary file"):
        spool.write(b"e")


def test_what_finds_no_room_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(4)
    spans = [spool.write(b"abcd")]
    with monkeypatch.context() as without:
        without.setattr(tempfile, "tempdir", "/proc/none")
        with pytest.raises(OutputError):
            spool.write(b"e")
    spans.append(spool.write(b"fg"))

    def pwrite(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", pwrite)
        with pytest.raises(OutputError, match="No space left on device"):
            spool.write(b"h")
    spans.append(spool.write(b"ij"))
    assert [spool.read(span) for span in spans] == [b"abcd", b"fg", b"ij"]
