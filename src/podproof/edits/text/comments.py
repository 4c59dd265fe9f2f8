"""The comments in a stretch of YAML: the text and the nodes in it come in, the comments go out."""

import re
from bisect import bisect_right
from collections.abc import Iterable

from ...manifest.places import end_of
from ...manifest.syntax_tree import AliasNode, ScalarNode, SyntaxNode

__all__ = ["comments_in"]

_COMMENT = re.compile(r"(?:(?<=[ \t])|^)#[^\r\n]*", re.MULTILINE)


def comments_in(text: str, start: int, end: int, nodes: Iterable[SyntaxNode]) -> list[str]:
    """Give the comments between two code points; `nodes` are those in there, whose texts are no comments."""
    if _COMMENT.search(text, start, end) is None:
        return []
    spans: list[tuple[int, int]] = []
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, ScalarNode):
            spans.append((node.start, end_of(node, text)))
        elif not isinstance(node, AliasNode):
            pending += node.children
    spans.sort()
    starts = [span[0] for span in spans]
    comments = []
    position = start
    while match := _COMMENT.search(text, position, end):
        before = bisect_right(starts, match.start()) - 1
        if before >= 0 and spans[before][1] > match.start():
            position = spans[before][1]  # it stands in a text, behind which a comment may follow
            continue
        comments.append(match[0].rstrip())
        position = match.end()
    return comments
