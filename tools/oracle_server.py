"""What a real API server says to an object: kind and body go in, code, answer and warnings come out.

Nothing is stored there: every request says `dryRun=All`. The certificate is not looked at: it is the own
one of a server that is thrown away.
"""

import http.client
import json
import ssl
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Said(NamedTuple):
    """An answer: the HTTP code, the body, and the texts of the warnings."""

    code: int
    body: dict[str, Any]
    warnings: list[str]


class OracleServer:
    """A server that creates objects in one namespace, for who holds the token."""

    def __init__(self, endpoint: str, token: str, namespace: str) -> None:
        url = urlsplit(endpoint)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._connection = http.client.HTTPSConnection(
            url.hostname or "", url.port or 443, context=context, timeout=30
        )
        self._token = token
        self._namespace = namespace

    def create(
        self, body: str, *, kind: str, api_version: str, content_type: str, field_validation: str
    ) -> Said:
        """Create an object of a kind that pods come from, without storing it."""
        base = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        path = f"{base}/namespaces/{self._namespace}/{kind.lower()}s"
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": content_type}
        asking = f"dryRun=All&fieldValidation={field_validation}"
        self._connection.request("POST", f"{path}?{asking}", body.encode(), headers)
        response = self._connection.getresponse()
        said = json.loads(response.read())
        texts = [warning_text(header) for header in response.headers.get_all("Warning") or ()]
        return Said(response.status, said, texts)


def warning_text(header: str) -> str:
    """Take the text out of a Warning header: it follows code and agent, quoted as JSON quotes."""
    text: str = json.loads(header.encode("latin-1").decode().removeprefix("299 - "))
    return text
