"""The spool gives back what was written, in memory or in a file, and says where there is no room."""

import tempfile

import pytest

from podproof.errors import OutputError
from podproof.session.check_run.spool import Spool


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
