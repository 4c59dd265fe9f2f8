"""Lists of objects, page by page, in bounded memory: a kind comes in, its objects and their version go out.

What of an object is not kept is never decoded to Python objects. A page that is too large is asked for again
with fewer objects. Nothing is retried otherwise.
"""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from .api_client import ApiClient
from .api_errors import ApiServerError, AskedFor, error_of_answer

__all__ = ["MAX_PAGE_BYTES", "ListedPage", "list_pages", "read_body"]

PAGE = 500
"""Objects of a page. Source: client-go tools/pager, defaultPageSize."""
MAX_PAGE_BYTES = 32 * 1024 * 1024
"""Of one page in memory: an object has at most about 3 MiB, and most have a few KB."""


class ListedPage(msgspec.Struct, frozen=True):
    """Some of the objects, as far as they are kept, and the version of the whole list."""

    items: list[dict[str, Any]]
    version: str


class _ListMetadata(msgspec.Struct, frozen=True, rename={"further": "continue"}):
    further: str | None = None
    resourceVersion: str = ""


async def list_pages(
    client: ApiClient, http: Any, path: str, shape: Any, asked: AskedFor
) -> AsyncIterator[ListedPage]:
    """Yield the pages of a list. `shape` is what each object is decoded to.

    Raises ApiServerError: the server refuses, an answer cannot be read, or an object alone is too large. What
    the HTTP client raises goes through.
    """
    decoder = msgspec.json.Decoder(_list_of(shape))
    limit, further = PAGE, ""
    while True:
        parameters: dict[str, Any] = {"limit": limit, **({"continue": further} if further else {})}
        async with http.stream("GET", path, params=parameters) as response:
            body = await read_body(response, MAX_PAGE_BYTES)
            if response.status_code != 200:
                access = client.access
                raise error_of_answer(response.status_code, body or b"", asked, access.server, access.who)
        if body is None:
            if limit == 1:
                raise ApiServerError(f"an object is too large to {asked}", "unreadable")
            limit = max(1, limit // 8)
            continue
        page = decoder.decode(body)
        yield ListedPage(page.items or [], page.metadata.resourceVersion)
        further = page.metadata.further or ""
        if not further:
            return


async def read_body(response: Any, most: int) -> bytes | None:
    """Read a body; None: it has more than `most` bytes."""
    chunks, held = [], 0
    async for chunk in response.aiter_bytes():
        held += len(chunk)
        if held > most:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _list_of(shape: Any) -> Any:
    items: Any = list[shape] | None
    return msgspec.defstruct("_ObjectList", [("metadata", _ListMetadata), ("items", items, None)])
