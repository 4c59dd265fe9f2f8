"""Each reason for which nothing starts comes with what helps against it."""

import re
from pathlib import Path

from podproof.checks._start_remedies import remedy_against

DOCUMENT = (Path(__file__).parent / "will_not_start.md").read_text(encoding="utf-8")
SAID_ITSELF = ("non-numeric user", "forbidden sysctl", "idmap")
"""Where the check itself knows better: it has the image, the node or the volume."""


def test_each_reason_of_the_document_has_a_remedy() -> None:
    messages = re.findall(r"^(?:pod|container \"\S+\") will not start: (.*)$", DOCUMENT, re.MULTILINE)
    assert len(messages) > 12
    without = [message for message in messages if not remedy_against(message)]
    assert [message for message in without if not any(words in message for words in SAID_ITSELF)] == []


def test_what_is_not_known_has_none() -> None:
    assert remedy_against("something else") == ()
    assert remedy_against("container has runAsNonRoot and image will run as root") == (
        "set runAsUser to a number other than 0, or give the image a USER",
    )
