"""Which certificate a server shows: from files, or managed by the webhook itself.

The options of the command line come in, one Certificates goes out.
"""

import ipaddress
import re

from ..errors import UsageError
from .certificates import Certificates

__all__ = ["open_certificates"]

_DNS_NAME = re.compile(
    r"(?=.{1,253}\Z)(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
)
"""Source: apimachinery v0.37.2 pkg/util/validation, IsDNS1123Subdomain and IsWildcardDNS1123Subdomain."""


def open_certificates(
    *,
    certificate: str | None,
    key: str | None,
    client_ca: str | None,
    self_managed: bool,
    names: tuple[str, ...],
    kubeconfig: str | None,
) -> Certificates:
    """Open the one that was asked for.

    Raises UsageError: none, or more than one, was asked for, or what was asked for cannot be used.
    """
    if self_managed:
        if certificate is not None or key is not None:
            raise UsageError(
                "--self-managed makes the certificate itself; leave out --tls-cert and --tls-key"
            )
        checked = tuple(_check_name(name) for name in names)
        return _manage(checked, client_ca, kubeconfig)
    if certificate is None or key is None:
        raise UsageError(
            "no certificate to show: name one with --tls-cert FILE and --tls-key FILE, or have it made "
            "with --self-managed"
        )
    if names:
        raise UsageError("--tls-name is for the certificate that --self-managed makes; leave it out")
    from .certificates_files import FileCertificates

    return FileCertificates(certificate, key, client_ca)


def _manage(names: tuple[str, ...], client_ca: str | None, kubeconfig: str | None) -> Certificates:
    from ..session.serve.api_client import ApiClient, find_access
    from ..session.serve.kubeconfig import read_account
    from .certificates_managed import ManagedCertificates, SelfManagement

    if kubeconfig is None and read_account() is None:
        raise UsageError(
            "--self-managed needs an API server: this is not a pod with a service account; name a server "
            "with --kubeconfig FILE"
        )
    client = ApiClient(find_access(kubeconfig))
    return ManagedCertificates(client, SelfManagement(names=names), client_ca)


def _check_name(name: str) -> str:
    """Return a DNS name or an IP address as certificates have it.

    Raises UsageError: it is neither.
    """
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        if _DNS_NAME.fullmatch(name) is None:
            raise UsageError(f'--tls-name: "{name}" is neither a DNS name nor an IP address') from None
        return name
