"""Reads one repository of a registry: manifests and blobs by tag or digest, whoever of its mirrors has them.

Every body is compared with its digest and size while it comes. A redirect is followed as far as the address
rule lets it, without the login; what fails for the moment is tried again.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urljoin

import msgspec

from ...kube.image_name import parse_image_name
from ..limits import quoted
from ..store import MAX_DOCUMENT
from .authorizing import Authorizer, challenge_of
from .errors import AccessDenied, NoConnection, NotThere, NotTls, PullError, RefusedPlace, Unreachable
from .logins import Login
from .transport import HttpAnswer, Transport, authority_of, parse_url

__all__ = ["DIGEST", "MANIFESTS", "Descriptor", "FindLogin", "RemoteDocument", "Repository", "RequestFailed"]

FindLogin = Callable[[str, str], Login | None]
"""Gives the login for a registry and a repository in it."""

_SERVERS = {"docker.io": "registry-1.docker.io"}
"""Where registries are that have another name. Source: containerd remotes/docker, DefaultHost."""

MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
"""Media types of what a tag may name, indexes and manifests by turns, OCI's first."""

_MAX_REDIRECTS = 5
_PAUSES = (0.5, 1.0, 2.0)
"""Seconds before each further try."""

_LONGEST_PAUSE = 20.0
"""Seconds that a registry may ask for with Retry-After."""

_GRACE = 60.0
_SLOWEST = 64 * 1024
"""Bytes a second that a body has to come with, after a grace of so many seconds."""

_BUSY = (429, 500, 502, 503, 504)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
"""The one algorithm that registries use. Source: OCI image-spec, descriptor.md, registered algorithms."""


class Descriptor(msgspec.Struct, frozen=True):
    """What a document says of another one, or of a layer. `size` is in bytes."""

    digest: str
    size: int
    media_type: str = ""


class RemoteDocument(msgspec.Struct, frozen=True):
    """A manifest or an index, verified."""

    digest: str
    media_type: str
    data: bytes


class RequestFailed(PullError):
    """Says which request got which answer; `url` and `answer` are its parts."""

    def __init__(self, method: str, url: str, answer: str) -> None:
        super().__init__(f"unexpected status from {method} request to {url}: {answer}")


class Repository:
    """The repository of an image's reference. Raises ImageNameError: it is none."""

    def __init__(self, reference: str, transport: Transport, find_login: FindLogin) -> None:
        parsed = parse_image_name(reference)
        registry, _, self.path = parsed.name.partition("/")
        self.reference = reference
        self.registry = registry
        self.name = f"{parsed.name}@{parsed.digest}" if parsed.digest else f"{parsed.name}:{parsed.tag}"
        self.object = parsed.digest or parsed.tag
        self._transport = transport
        mirrors = transport.settings.mirrors.get(registry, ())
        self._hosts = [host for name in (*mirrors, registry) for host in self._places(name, find_login)]

    def _places(self, name: str, find_login: FindLogin) -> Iterator[tuple[str, Authorizer, bool]]:
        """Give the URLs of a registry's or mirror's repository; a later one is for want of TLS only."""
        server = _SERVERS.get(name, name)
        authorizer = Authorizer(name, self.path, self._follow, lambda host: find_login(host, self.path))
        for number, scheme in enumerate(self._transport.settings.schemes(server)):
            yield f"{scheme}://{server}/v2/{self.path}", authorizer, number > 0

    def head(self) -> str | None:
        """Ask for the digest of what the reference names; None: the registry tells it with the content only.

        Raises PullError as `manifest`.
        """
        with self._ask("HEAD", f"manifests/{self.object}", {"Accept": ", ".join(MANIFESTS)}) as answer:
            digest = answer.header("Docker-Content-Digest")
        return digest if DIGEST.match(digest) else None

    def manifest(self, object: str) -> RemoteDocument:
        """Get the manifest or index of a tag or a digest.

        Raises PullError: there is none, it has another digest, or is larger than any real one.
        """
        what = f"{self.registry}/{self.path}: manifest {object}"
        if ":" in object and not DIGEST.match(object):
            raise PullError(f"{what}: only sha256 digests can be read")
        with self._ask("GET", f"manifests/{object}", {"Accept": ", ".join(MANIFESTS)}) as answer:
            answer.within(_GRACE)
            data = _whole(answer, MAX_DOCUMENT, what)
            said = answer.header("Docker-Content-Digest")
            kind = answer.header("Content-Type").partition(";")[0].strip()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        for wanted in (object if ":" in object else "", said if said.startswith("sha256:") else ""):
            if wanted and wanted != digest:
                raise PullError(f"{what} has wrong content: its digest is {digest}, wanted {wanted}")
        return RemoteDocument(digest, kind, data)

    def document(self, descriptor: Descriptor) -> bytes:
        """Get a small blob, such as a configuration. Raises PullError as `blob`."""
        if descriptor.size > MAX_DOCUMENT:
            raise PullError(
                f"{self.registry}/{self.path}: {descriptor.digest} has {descriptor.size} bytes, "
                f"more than {MAX_DOCUMENT}"
            )
        return b"".join(self.blob(descriptor))

    def blob(self, descriptor: Descriptor) -> Iterator[bytes]:
        """Give the pieces of a blob; the last one comes only when digest and size of all are right.

        A connection that breaks is taken up again where it broke.
        Raises PullError: it is not there, or has another digest or size.
        """
        what = f"{self.registry}/{self.path}: blob {descriptor.digest}"
        if not DIGEST.match(descriptor.digest):
            raise PullError(f"{what}: a digest must be sha256 and 64 hexadecimal digits")
        hashed, done, last = hashlib.sha256(), 0, b""
        for attempt in range(len(_PAUSES) + 1):
            try:
                for piece in self._pieces(descriptor, done, what):
                    if last:
                        yield last
                    hashed.update(piece)
                    done, last = done + len(piece), piece
                    if done > descriptor.size:
                        raise PullError(f"{what} is larger than the {descriptor.size} bytes announced")
                if done < descriptor.size:
                    raise Unreachable(f"{what} ends after {done} of {descriptor.size} bytes")
                break
            except Unreachable:
                if attempt == len(_PAUSES):
                    raise
                self._transport.pause(_PAUSES[attempt])
        if (digest := f"sha256:{hashed.hexdigest()}") != descriptor.digest:
            raise PullError(f"{what} has wrong content: its digest is {digest}")
        yield last

    def _pieces(self, descriptor: Descriptor, start: int, what: str) -> Iterator[bytes]:
        with self._ask(
            "GET", f"blobs/{descriptor.digest}", {"Range": f"bytes={start}-"} if start else {}
        ) as answer:
            left = descriptor.size - start
            resumed = answer.status == 206 and answer.header("Content-Range").startswith(f"bytes {start}-")
            skipped = 0 if resumed else start
            if answer.length is not None and answer.length > left + skipped:
                raise PullError(
                    f"{what} has {answer.length} bytes, not the {descriptor.size} that are announced"
                )
            answer.within(_GRACE + descriptor.size / _SLOWEST)
            while skipped:
                piece = answer.read(min(skipped, 2**18))
                if not piece:
                    return
                skipped -= len(piece)
            while piece := answer.read(2**18):
                yield piece

    @contextmanager
    def _ask(self, method: str, path: str, headers: Mapping[str, str]) -> Iterator[HttpAnswer]:
        """Send a request to the mirrors and the registry until one has it. Raises PullError."""
        failed: PullError | None = None
        for base, authorizer, without_tls in self._hosts:
            if without_tls and not isinstance(failed, NotTls):
                continue
            try:
                answer = self._persistent(method, f"{base}/{path}", headers, authorizer)
            except RefusedPlace:
                raise
            except PullError as error:
                failed = error
                continue
            with answer:
                yield answer
            return
        assert failed is not None
        raise failed

    def _persistent(
        self, method: str, url: str, headers: Mapping[str, str], authorizer: Authorizer
    ) -> HttpAnswer:
        """Try again what fails for the moment."""
        for pause in (*_PAUSES, None):
            try:
                return self._authorized(method, url, headers, authorizer)
            except NoConnection as error:
                raise type(error)(_request_words(method, url, error)) from error
            except _Busy as error:
                if pause is None:
                    raise RequestFailed(method, url, error.words) from error
                self._transport.pause(max(pause, error.wanted))
            except Unreachable as error:
                if pause is None:
                    raise Unreachable(_request_words(method, url, error)) from error
                self._transport.pause(pause)
        raise AssertionError

    def _authorized(
        self, method: str, url: str, headers: Mapping[str, str], authorizer: Authorizer
    ) -> HttpAnswer:
        given = authorizer.header()
        for fresh in (False, True):
            sent = {**headers, "Authorization": given} if given else headers
            answer = self._follow(method, url, sent, None)
            if answer.status != 401:
                return _checked(answer, method, url, f"{self.name}")
            with answer:
                words, challenge = answer.words, challenge_of(answer.headers)
            if answer.authority != authority_of(parse_url(url)):
                raise AccessDenied(f"{answer.authority} wants a login, which is for {self.registry} only")
            if fresh and given.startswith("Bearer "):
                raise AccessDenied(str(RequestFailed(method, url, words)))
            try:
                given = authorizer.answer(challenge, given)
            except AccessDenied as error:
                raise AccessDenied(f"{error}: {RequestFailed(method, url, words)}") from error
        raise AccessDenied(str(RequestFailed(method, url, "401 Unauthorized")))

    def _follow(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> HttpAnswer:
        """Send a request and follow redirects; a login stays with the host that it was for."""
        sent = dict(headers)
        for number in range(_MAX_REDIRECTS + 1):
            try:
                answer = self._transport.send(method, url, sent, body)
            except RefusedPlace as error:
                if number:
                    raise RefusedPlace(f"{self.registry} redirects elsewhere: {error}") from error
                raise
            if answer.status not in (301, 302, 303, 307, 308) or not answer.header("Location"):
                return answer
            with answer:
                following = _join(url, answer.header("Location"))
            before, after = parse_url(url), parse_url(following)
            if before.scheme == "https" and after.scheme == "http":
                raise RefusedPlace(
                    f"{authority_of(before)} redirects to {authority_of(after)} without TLS, "
                    "which is not followed"
                )
            if (before.scheme, authority_of(before)) != (after.scheme, authority_of(after)):
                sent.pop("Authorization", None)
                if body is not None:
                    raise RefusedPlace(f"{authority_of(before)} redirects a request with a login elsewhere")
            url = following
        raise PullError(f"{self.registry} redirects more than {_MAX_REDIRECTS} times")


class _Busy(Unreachable):
    """Says that a registry wants to be asked later: `wanted` seconds, 0 where it does not say."""

    def __init__(self, words: str, wanted: float) -> None:
        super().__init__(words)
        self.words, self.wanted = words, wanted


def _checked(answer: HttpAnswer, method: str, url: str, name: str) -> HttpAnswer:
    if answer.status in (200, 206):
        return answer
    with answer:
        if answer.status == 404:
            raise NotThere(f"{name}: not found")
        if answer.status in _BUSY:
            after = answer.header("Retry-After")
            raise _Busy(answer.words, min(float(after), _LONGEST_PAUSE) if after.isdecimal() else 0.0)
        if answer.status == 403:
            raise AccessDenied(str(RequestFailed(method, url, answer.words)))
        raise RequestFailed(method, url, answer.words)


def _request_words(method: str, url: str, error: PullError) -> str:
    return f'failed to do request: {method.capitalize()} "{url}": {error}'


def _join(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise PullError(f"redirects to {quoted(location)}, which is not a URL") from error


def _whole(answer: HttpAnswer, limit: int, what: str) -> bytes:
    if answer.length is not None and answer.length > limit:
        raise PullError(f"{what} has {answer.length} bytes, more than {limit}")
    announced, pieces, size = answer.length, [], 0
    while piece := answer.read(min(2**18, limit + 1 - size)):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise PullError(f"{what} has more than {limit} bytes")
    if announced is not None and size < announced:
        raise Unreachable(f"{what} ends after {size} of {announced} bytes")
    return b"".join(pieces)
