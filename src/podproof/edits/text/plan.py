"""Compares a document's value with what it is to become, along its syntax, and says what to write where.

The syntax, the value and the new value come in; text edits go out. Whether they are right is for the caller
to see, by reading the result: this module knows how things are written, and refuses what it cannot write.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ...manifest.route import Route
from ...manifest.syntax_tree import AliasNode, CollectionNode, Syntax, is_merge_key, key_name
from .align import align
from .renamed import renamed_keys
from .same import is_same
from .site import Site, Uneditable
from .spans import TextEdit
from .style import Style, read_style
from .writing import Entry, Pair, Writing

__all__ = ["Planner"]


class Planner:
    """Plans edits of one document, as often as it is asked: what is known of its syntax stays."""

    def __init__(self, syntax: Syntax) -> None:
        self._syntax = syntax
        self._style = read_style(syntax)
        self._pairs: dict[int, _Pairs] = {}

    def plan(self, old: Any, new: Any) -> list[TextEdit]:
        """Say how to turn the document, which has the value `old`, into one with the value `new`.

        Raises Uneditable: what is written there cannot be changed by itself.
        """
        plan = _TextPlan(self._syntax, self._style, self._pairs)
        plan.change(Site(None, None, self._syntax.root), old, new, ())
        return plan.writing.edits


_Pairs = tuple[list[Pair], dict[str, list[Pair]]]
"""The pairs of a mapping, and by their key's text those of its own: all but merges."""


class _TextPlan:
    """Walks a document; where a value is to differ, something is written.

    `pairs` remembers those of the mappings, by the identity of their nodes.
    """

    def __init__(self, syntax: Syntax, style: Style, pairs: dict[int, _Pairs]) -> None:
        self.writing = Writing(syntax, style)
        self._pairs = pairs
        self._has_aliases = not syntax.is_json and "*" in syntax.text
        # by what an alias can stand for: what that is to become where it is written
        self._new_of: dict[int, Any] = {}

    def change(self, site: Site, old: Any, new: Any, route: Route) -> None:
        """Change what stands at a site, to which a route leads, as little of it as possible."""
        node = site.node
        if isinstance(node, AliasNode):
            target = id(node.target)
            if target not in self._new_of or not is_same(self._new_of[target], new):
                self._write(lambda: self.writing.replace(site, new), route)
            return
        if self._has_aliases:
            self._new_of[id(node)] = new
        elif old is new:
            return
        if isinstance(node, CollectionNode) and old:
            change = self._change_mapping if node.is_mapping else self._change_list
            if new and type(new) is type(old) and change(node, old, new, route):
                return
        elif is_same(old, new):
            return
        self._write(lambda: self.writing.replace(site, new), route)

    def _write(self, write: Callable[[], None], *routes: Route) -> None:
        """Write something, and note to which values of the document that leads."""
        edits = self.writing.edits
        before = len(edits)
        write()
        edits[before:] = [TextEdit(edit.start, edit.end, edit.text, routes) for edit in edits[before:]]

    def _change_mapping(
        self, node: CollectionNode, old: dict[str, Any], new: dict[str, Any], route: Route
    ) -> bool:
        """Change a mapping key by key; False: nothing of it stays, so that it has to be written anew."""
        pairs, own = self._pairs.get(id(node)) or self._pairs_of(node)
        renamed = renamed_keys(old, new, {name: len(those) for name, those in own.items()})
        for name, other in renamed.items():
            ((key, value),) = own[name]
            self._write(partial(self.writing.rename, key, other), (*route, name), (*route, other))
            self.change(Site(node, key, value), old[name], new[other], (*route, other))
        taken = {*new, *renamed}
        removed = [pair for name, those in own.items() if name not in taken for pair in those]
        if any(name not in taken and name not in own for name in old):
            raise Uneditable(node.start, "a merge (<<) brings in the key that would be removed")
        if len(removed) == len(pairs):
            return False
        gone = {id(key) for key, _ in removed}
        for name, those in own.items():
            if name in new and (self._has_aliases or old.get(name) is not new[name]):
                key, value = those[-1]
                self.change(Site(node, key, value), old.get(name), new[name], (*route, name))
        kept = [pair for pair in pairs if id(pair[0]) not in gone]
        added = {
            name: value
            for name, value in new.items()
            if name not in own and name not in renamed.values() and self._differs(old, name, value)
        }
        for behind, together in _places(new, added, kept):
            add = partial(self.writing.add_keys, node, behind, kept[0][0], together)
            self._write(add, *((*route, name) for name in together))
        if removed:
            entries = [(*pair, id(pair[0]) not in gone) for pair in pairs]
            names = [name for name in own if name not in taken]
            self._write(lambda: self.writing.remove(node, entries), *((*route, name) for name in names))
        return True

    def _pairs_of(self, node: CollectionNode) -> _Pairs:
        own: dict[str, list[Pair]] = {}
        pairs: list[Pair] = list(zip(node.children[::2], node.children[1::2], strict=True))
        for pair in pairs:
            if not is_merge_key(pair[0]):
                own.setdefault(key_name(pair[0]), []).append(pair)
        found = self._pairs[id(node)] = pairs, own
        return found

    def _differs(self, old: dict[str, Any], name: str, value: Any) -> bool:
        """Tell whether a merge does not bring in already what a key is to have."""
        return name not in old or not is_same(old[name], value)

    def _change_list(self, node: CollectionNode, old: list[Any], new: list[Any], route: Route) -> bool:
        """Change a list item by item; False: it has to be written anew."""
        items = align(old, new)
        if items is None or all(index is None for index in items.of_old):
            return False
        for position, index in enumerate(items.of_old):
            if index is not None:
                self.change(
                    Site(node, None, node.children[position]), old[position], new[index], (*route, position)
                )
        last = max(position for position, index in enumerate(items.of_old) if index is not None)
        if items.appended:
            appended = items.appended
            self._write(lambda: self.writing.append(node, node.children[last], appended), route)
        if None in items.of_old:
            entries: list[Entry] = [
                (None, child, index is not None)
                for child, index in zip(node.children, items.of_old, strict=True)
            ]
            self._write(lambda: self.writing.remove(node, entries), route)
        return True


def _places(
    new: dict[str, Any], added: dict[str, Any], kept: list[Pair]
) -> Iterator[tuple[Pair | None, dict[str, Any]]]:
    """Give keys that are added, with the pair that they come behind; None: in front of the first."""
    if not added:
        return
    position = {key_name(key): index for index, (key, _) in enumerate(kept)}
    waiting: dict[str, Any] = {}
    for name in new:
        if name in added:
            waiting[name] = added[name]
        elif waiting and name in position:
            yield kept[position[name] - 1] if position[name] else None, waiting
            waiting = {}
    if waiting:
        yield kept[-1], waiting
