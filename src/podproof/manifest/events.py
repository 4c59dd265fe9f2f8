"""libyaml's events, which every reader of YAML here is made from.

In: a text. Out: a function that gives its events one by one, and the kinds that they can have. Never keeps an
event, and never decides what one means.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from yaml._yaml import CParser

__all__ = [
    "ALIAS",
    "MAPPING_END",
    "MAPPING_START",
    "SCALAR",
    "SEQUENCE_END",
    "SEQUENCE_START",
    "NextEvent",
    "events",
    "open_document",
]

NextEvent = Callable[[], Any]
"""Gives the next event, whose kind is its class; raises yaml.YAMLError where the text is not YAML."""

SCALAR, ALIAS = yaml.ScalarEvent, yaml.AliasEvent
MAPPING_START, SEQUENCE_START = yaml.MappingStartEvent, yaml.SequenceStartEvent
MAPPING_END, SEQUENCE_END = yaml.MappingEndEvent, yaml.SequenceEndEvent


@contextmanager
def events(text: str | bytes) -> Iterator[NextEvent]:
    """Parse a text for as long as the context lasts.

    Marks count code points from 0, also for bytes; bytes are UTF-8, or UTF-16 with a byte order mark.
    """
    parser: Any = CParser(text)
    try:
        yield parser.get_event
    finally:
        parser.dispose()


def open_document(next_event: NextEvent) -> bool:
    """Go on to the first node of the next document; False when the stream holds none.

    Its end is the first event that is not part of a node.
    """
    event = next_event()
    if event.__class__ is yaml.StreamStartEvent:
        event = next_event()
    return event.__class__ is yaml.DocumentStartEvent
