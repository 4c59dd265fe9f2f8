"""Reads a typed pod as the API server decodes one: JSON or a mapping comes in, the pod goes out.

The fast way holds where it proves two things: no field has a wrong type, and no key stands twice, which the
server decodes over what the first one left. The native reader, where it is installed, joins the values of
such keys. Whatever is not proved is read by the exact decoder. Nothing is defaulted, validated or judged.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NoReturn

import msgspec

from ..errors import ManifestError
from ..manifest.json_of import is_plain, json_of
from ..manifest.json_proofs import keeps_all_colons, lost_colons, with_plain_colons
from ..manifest.limits import MAX_BODY
from ..manifest.surrogates import to_utf8
from .null_items import without_nulls
from .outlined_pod import ANYTHING, LeftToExactDecoder, OddPod, ServerPodReader, server_pod_reader
from .pod import Pod, raw_pod
from .versions import NEWEST
from .whole_pod import (
    has_decodable_parts,
    pod_with_nulls,
    whole_pod_of_text,
    whole_pod_of_values,
)

__all__ = ["pod_as_json", "read_exactly", "read_pod", "read_text", "require_containers"]

_MOST_JOINED = 2
"""Times that the values of a key that stands twice are joined; what they make may have one too."""
_TOP = frozenset(("apiVersion", "kind", "metadata", "spec", "status"))


@cache
def _whole_reader() -> ServerPodReader | None:
    return server_pod_reader({})


def read_pod(
    pod: Mapping[str, Any] | bytes | str, outlined: Callable[[], ServerPodReader | None] = _whole_reader
) -> Pod:
    """Read a typed pod, the fast way where that is enough and as the API server's decoder where it is not.

    `outlined` gives what reads most texts, which may leave out what the caller does not ask for.
    Raises ManifestError: it is no JSON object, not a Pod, or has a field that the server could not read.
    """
    if isinstance(pod, (bytes, str)):
        return read_text(pod, outlined)[0]
    typed = _from_mapping(pod)
    if typed is None:
        return read_text(pod_as_json(pod), outlined)[0]
    _require_pod(typed)
    return typed


def read_text(text: bytes | str, outlined: Callable[[], ServerPodReader | None]) -> tuple[Pod, int]:
    """Read a typed pod of JSON as `read_pod` does, with the facts that `outlined` tells of it, or all."""
    if len(text) > MAX_BODY:
        raise ManifestError(f"the pod is larger than the {MAX_BODY} bytes that an API server reads")
    try:
        data = text if isinstance(text, bytes) else to_utf8(text)
        reader = outlined()
        read = None if reader is None else reader(data)
        if isinstance(read, OddPod):
            return _settled(read) or (read_exactly(text), ANYTHING)
        if read is None:
            if reader is not None:
                _require_json(data)
            proven = _from_text(data)
            read = None if proven is None else (proven, ANYTHING)
    except (msgspec.DecodeError, UnicodeError, RecursionError, LeftToExactDecoder):
        read = None
    if read is None:
        return read_exactly(text), ANYTHING
    typed = read[0]
    if typed.kind != "Pod" or typed.api_version != "v1":
        _require_pod(typed)
    return read


def _require_json(data: bytes) -> None:
    """Raise ManifestError if the native reader knows why a text is not JSON."""
    from .go_json import find_syntax_problem

    problem = find_syntax_problem(data)
    if problem is not None:
        _refuse_text(problem)


def _settled(odd: OddPod) -> tuple[Pod, int] | None:
    """Return a pod that is no odd one after all; None: that is for the exact decoder.

    Raises ManifestError: it is refused.
    """
    from .decode import find_fatal, type_of
    from .go_json import parse

    named, *values = parse(b"[%b]" % b",".join([odd.names, *[text for _, text in odd.faults]]))
    faults = [(route, value) for (route, _), value in zip(odd.faults, values, strict=True)]
    if faults and not faults[0][0]:
        _refuse_type(faults[0][1])
    _require_kind(named)
    if not faults:
        return odd.read
    fatal = find_fatal(type_of("Pod", NEWEST), faults)
    if fatal is None:
        return None
    raise ManifestError(fatal.message, route=fatal.route)


def _require_pod(typed: Pod) -> None:
    """Raise ManifestError where kind or apiVersion, which may be left out, are not those of a pod."""
    if typed.kind != "Pod" and typed.kind:
        _refuse_kind(typed.kind)
    if typed.api_version != "v1" and typed.api_version:
        _refuse_version(typed.api_version)


@cache
def _decoder() -> Callable[[bytes], Pod]:
    return msgspec.json.Decoder(whole_pod_of_text()).decode


@cache
def _decoder_of_nulls() -> Callable[[bytes], Pod]:
    return msgspec.json.Decoder(pod_with_nulls()).decode


_write = msgspec.json.Encoder().encode_into
_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _from_text(data: bytes, joins: int = _MOST_JOINED) -> Pod | None:
    """Read JSON, that with nulls in lists too; None: it is for the exact decoder."""
    try:
        return _proven(data, joins)
    except msgspec.ValidationError:
        pass  # JSON was read but is not plainly a Pod
    except (msgspec.DecodeError, UnicodeError):
        data = _mended(data)
        try:
            return _proven(data, joins)
        except msgspec.ValidationError:
            pass
    return _proven(data, joins, nulls=True)


def _mended(data: bytes) -> bytes:
    from .go_json import mend

    return mend(data)


def _proven(data: bytes, joins: int, *, nulls: bool = False) -> Pod | None:
    """Read JSON of which can be proved that no key stands twice, else give None.

    A pod written again is never longer than its text: blanks, nulls, unknown fields, escapes and odd numbers
    only get lost. So a key that stood twice would make it shorter. What the pod lacks, nulls and unknown
    fields, has keys too: then the plain value is compared.
    """
    pod = _decoder_of_nulls()(data) if nulls else _decoder()(data)
    written = bytearray(len(data))
    _write(pod, written)
    if len(written) != len(data) and not keeps_all_colons(data, written):
        text = with_plain_colons(data)
        value = msgspec.json.decode(text)
        lost = lost_colons(text, value)
        if lost:
            return _joined(text, value, lost, joins)
        # of keys that were joined, names in another case may have been refused
        if not _TOP.issuperset(value) and (joins < _MOST_JOINED or not _is_named_as_written(value)):
            return None
    if not has_decodable_parts(pod):
        return None
    return without_nulls(pod) if nulls else pod


def _is_named_as_written(value: dict[str, Any]) -> bool:
    """Tell whether a server finds these apiVersion and kind: it looks for them in whatever case."""
    from .request import UnreadableBody, interpret

    try:
        return interpret(value) == (value.get("apiVersion") or "", value.get("kind") or "")
    except UnreadableBody:
        return False


def _joined(text: bytes, value: Any, lost: int, joins: int) -> Pod | None:
    """Read JSON in which a key stands twice, by joining the two values where that is simple."""
    if not joins:
        return None
    from .joined_pairs import join_pair

    joined = join_pair(text, value, lost)
    return None if joined is None else _from_text(joined, joins - 1)


def _from_mapping(pod: Mapping[str, Any]) -> Pod | None:
    """Read a mapping of which can be proved that a client would send what stands in it, else give None."""
    if pod.__class__ is not dict or not is_plain(pod) or not _TOP.issuperset(pod):
        return None
    try:
        return msgspec.convert(pod, whole_pod_of_values())
    except (msgspec.ValidationError, UnicodeError):
        return None


def pod_as_json(pod: Mapping[str, Any]) -> bytes:
    """Write a mapping as the JSON that a client would send. Raises ManifestError: it has none."""
    if not isinstance(pod, Mapping):
        _refuse_type(pod)
    return json_of(pod, MAX_BODY)


def read_exactly(pod: Mapping[str, Any] | bytes | str) -> Pod:
    """Read a typed pod with the API server's decoder alone; raises ManifestError as `read_pod` does."""
    value = _mapping_of(pod)
    from .decode import decode

    _require_kind(value if all(isinstance(key, str) for key in value) else _with_text_keys(value))
    decoded = decode(value, "Pod", version=NEWEST)
    if decoded.fatal is not None:
        raise ManifestError(decoded.fatal.message, route=decoded.fatal.route)
    return raw_pod(decoded.object)


def _require_kind(named: dict[str, Any]) -> None:
    """Raise ManifestError unless the members of an object say, in whatever case, that it may be a Pod."""
    from .request import UnreadableBody, interpret

    try:
        api_version, kind = interpret(named)
    except UnreadableBody as error:
        name = "apiVersion" if ".apiVersion of" in str(error) else "kind"
        raise ManifestError(str(error), route=(name,)) from error
    if kind not in ("", "Pod"):
        _refuse_kind(kind)
    if api_version not in ("", "v1"):
        _refuse_version(api_version)


def require_containers(typed: Pod, pod: Mapping[str, Any] | bytes | str) -> None:
    """Raise ManifestError for what is no whole pod: no spec, or a spec without any container.

    `pod` is what `typed` was read from, and helps to say what was given instead.
    """
    spec = typed.spec
    if spec is not None and (spec.containers or spec.init_containers or spec.ephemeral_containers):
        return
    if spec is not None:
        raise ManifestError(
            "the pod has no containers; pass a whole pod, with spec.containers", route=("spec", "containers")
        )
    keys = [key for key in _members_of(pod) if isinstance(key, str)]
    misspelt = [key for key in keys if key != "spec" and key.lower() == "spec"]
    if misspelt:
        given = f'"{misspelt[0]}" is not a field of a pod; write "spec"'
    elif "containers" in keys:
        given = 'has "containers" at its top, as a pod\'s spec has; pass the pod, as {"spec": ...}'
    elif "spec" in keys:
        given = "has null as its spec; pass a whole pod, with spec.containers"
    elif keys:
        given = f"has only {', '.join(keys[:5])}; pass a whole pod, with spec.containers"
    else:
        given = "is empty; pass a whole pod, with spec.containers"
    subject = "the pod has no spec:" if misspelt else "the object is not a pod: it"
    raise ManifestError(f"{subject} {given}", route=("spec",))


def _with_text_keys(value: dict[Any, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if isinstance(key, str)}


def _mapping_of(pod: Mapping[str, Any] | bytes | str) -> dict[str, Any]:
    value: Any = _parse(pod) if isinstance(pod, bytes | str) else pod
    if not isinstance(value, Mapping):
        _refuse_type(value)
    return value if isinstance(value, dict) else dict(value)


def _members_of(pod: Mapping[str, Any] | bytes | str) -> Mapping[str, Any]:
    """Return what stands in an object, of JSON each member as it is written if that is possible."""
    if isinstance(pod, Mapping):
        return pod
    try:
        members: dict[str, Any] = _split(_mended(pod if isinstance(pod, bytes) else to_utf8(pod)))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _mapping_of(pod)
    return members


def _parse(text: bytes | str) -> Any:
    """Read JSON as the server does, which takes what msgspec does not: odd UTF-8, lone surrogates, depth."""
    from .go_json import SyntaxProblem, parse

    try:
        return parse(text if isinstance(text, bytes) else to_utf8(text))
    except SyntaxProblem as error:
        _refuse_text(str(error))


def _refuse_text(problem: str) -> NoReturn:
    """Refuse what is no JSON, with what Go says of it."""
    if problem.endswith("exceeded max depth"):
        raise ManifestError("the pod is nested too deeply to be read")
    raise ManifestError(f"the pod is no JSON: {problem}; pass JSON, or a mapping")


def _refuse_type(value: object) -> NoReturn:
    from ..manifest.type_name import type_name  # only for a message

    raise ManifestError(f"the pod must be a JSON object, is {type_name(value)}")


def _refuse_kind(kind: str) -> NoReturn:
    from .workload import nearest_kind, route_of_kind  # only for a message

    template = route_of_kind(kind)
    if template is not None:
        advice = f"pass the pod that it makes ({'.'.join(map(str, template))} with kind Pod)"
    elif kind.endswith("List"):
        advice = "pass each of its items"
    elif kind == "AdmissionReview":
        advice = "pass its request.object, or ask Cluster.admit"
    elif nearest_kind(kind, likeness=0.8) == "Pod":
        advice = 'write kind "Pod"'
    else:
        advice = "pass a pod"
    raise ManifestError(f'the object is of kind "{kind}", not a Pod; {advice}', route=("kind",))


def _refuse_version(api_version: str) -> NoReturn:
    raise ManifestError(f'apiVersion "{api_version}" has no Pod; write "v1"', route=("apiVersion",))
