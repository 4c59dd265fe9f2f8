"""What a webhook that makes its own certificates may do, what its clients show, and what it is refused."""

import base64
import contextlib
import shutil
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from ports import free_port
from session.manifests.installations import of_kind, values
from webhook.served import write_certificate

from podproof.session.serve.self_managed_pairs import (
    CertificatePair,
    Lifetimes,
    make_authority,
    make_leaf,
)
from podproof.session.serve.self_managed_state import StoredCertificates, write_stored
from podproof.session.serve.self_managed_store import NEEDED_RIGHTS

from .api_server import ApiServer
from .balancer import is_ready
from .callers import post_review
from .guarded import pod
from .self_managing import (
    ADMISSION,
    CALM,
    LEASE,
    NAMESPACE,
    QUICK,
    SECRET,
    install,
    replica,
    wait_for_readiness,
)
from .self_managing import running as running
from .self_managing import server as server


def test_clients_have_to_show_a_certificate_where_it_is_asked_for(server: ApiServer, tmp_path: Path) -> None:
    pairs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pairs.append(write_certificate(tmp_path / name))
    authorities = tmp_path / "clients.crt"
    port = free_port()
    with pytest.raises(AssertionError, match="ended before serving"):
        replica(tmp_path / "wrong", server, port, "--client-ca-file", str(authorities)).__enter__()
    assert "No such file" in (tmp_path / "wrong" / "errors").read_text()
    shutil.copy(pairs[0][0], authorities)
    with replica(tmp_path / "right", server, port, "--client-ca-file", str(authorities), **QUICK) as one:
        wait_for_readiness(one)
        trusted = base64.b64decode(server.must("GET", SECRET)["data"]["ca.crt"]).decode()

        def taken(pair: tuple[Path, Path] | None) -> bool:
            context = ssl.create_default_context(cadata=trusted)
            if pair is not None:
                context.load_cert_chain(*pair)
            with contextlib.suppress(ssl.SSLError, ConnectionError):
                return '"allowed":true' in post_review(port, context)
            return False

        assert [taken(pair) for pair in (*pairs, None)] == [True, False, False]
        shutil.copy(pairs[1][0], authorities)
        one.wait_for("certificate loaded", 2)
        assert [taken(pair) for pair in (*pairs, None)] == [False, True, False]
        authorities.write_text("nobody")
        assert one.wait_for("certificate not loaded")["reason"] == "has no certificates in PEM"
        assert [taken(pair) for pair in (*pairs, None)] == [False, True, False]


def test_a_certificate_that_tls_refuses_is_reported_until_it_is_replaced(
    server: ApiServer, tmp_path: Path
) -> None:
    data = {key: base64.b64encode(text).decode() for key, text in _with_a_weak_key().items()}
    metadata = {"name": SECRET.rpartition("/")[2], "namespace": NAMESPACE}
    server.must("POST", SECRET.rpartition("/")[0], {"metadata": metadata, "data": data})
    with replica(tmp_path / "one", server, free_port(), **QUICK) as one:
        assert "EE_KEY_TOO_SMALL" in one.wait_for("certificate not loaded")["reason"]
        assert not is_ready(one.metrics_port)
        assert one.metrics()["podproof_certificate_reload_failures_total"] == 1
        patch = [{"op": "remove", "path": "/data"}]
        server.must("PATCH", SECRET, patch, content_type="application/json-patch+json")
        wait_for_readiness(one)


def _with_a_weak_key() -> dict[str, bytes]:
    """Give the data of a Secret with everything right but the key of the certificate, RSA with 1024 bits."""
    now = datetime.now(UTC)
    authority = make_authority(now, Lifetimes())
    names = (f"podproof-webhook.{NAMESPACE}.svc", f"podproof-webhook.{NAMESPACE}.svc.cluster.local")
    leaf = make_leaf(authority, (*names, "127.0.0.1"), now, Lifetimes()).certificate
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    builder = x509.CertificateBuilder(leaf.issuer, leaf.subject, key.public_key(), leaf.serial_number)
    builder = builder.not_valid_before(leaf.not_valid_before_utc).not_valid_after(leaf.not_valid_after_utc)
    for extension in leaf.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    signer: Any = serialization.load_pem_private_key(authority.key, None)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    weak = CertificatePair(
        builder.sign(signer, hashes.SHA256()), key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    )
    return write_stored(StoredCertificates((authority.certificate,), authority, weak))


def test_the_installed_rights_suffice(server: ApiServer, tmp_path: Path) -> None:
    token = _install_account(server)
    install(server, port := free_port(), pod_security_policy=True)
    with replica(tmp_path / "one", server, port, token=token, **CALM) as one:
        wait_for_readiness(one)
        assert not [line for line in one.lines if line["level"] == "warning"]
        assert server.request("POST", "/api/v1/namespaces/shop/pods?dryRun=All", pod("p")).status == 201
        # to make one, it would have to be allowed to make any
        server.must("DELETE", SECRET)
        reason = one.wait_for("certificates not kept")["reason"]
        assert "may not create secrets" in reason
        assert server.request("POST", "/api/v1/namespaces/shop/pods?dryRun=All", pod("p2")).status == 201
        wait_for_readiness(one)


@pytest.mark.parametrize(
    ("resource", "verb", "event"),
    [
        ("secrets", "get", "certificates not kept"),
        ("secrets", "update", "certificates not kept"),
        ("secrets", "watch", "certificates not watched"),
        ("leases", "get", "Lease not usable"),
        ("leases", "patch", "Lease not usable"),
        ("validatingwebhookconfigurations", "get", "certificates not kept"),
        ("validatingwebhookconfigurations", "patch", "certificates not kept"),
    ],
)
def test_a_right_that_is_missing_is_named(
    server: ApiServer, tmp_path: Path, resource: str, verb: str, event: str
) -> None:
    token = _install_account(server, without=(resource, verb))
    install(server, port := free_port())
    with replica(tmp_path / "one", server, port, token=token, **CALM) as one:
        reason = one.wait_for(event)["reason"]
        assert f"may not {verb} {resource}" in reason
        if verb != "watch":
            assert not is_ready(one.metrics_port)


def _install_account(server: ApiServer, without: tuple[str, str] = ("", "")) -> str:
    """Create the objects of an installation that it needs to manage certificates; a token is returned."""
    installed = values(mode="enforcing", pod_security_policy=True)
    core = f"/api/v1/namespaces/{NAMESPACE}"
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    for kind, path in (
        ("ServiceAccount", f"{core}/serviceaccounts"),
        ("Secret", f"{core}/secrets"),
        ("Lease", LEASE.rpartition("/")[0]),
        ("ClusterRole", f"{rbac}/clusterroles"),
        ("ClusterRoleBinding", f"{rbac}/clusterrolebindings"),
        ("Role", f"{rbac}/namespaces/{NAMESPACE}/roles"),
        ("RoleBinding", f"{rbac}/namespaces/{NAMESPACE}/rolebindings"),
    ):
        object_ = of_kind(kind, installed)
        for rule in object_.get("rules", []):
            if without[0] in rule["resources"]:
                rule["verbs"].remove(without[1])
        server.must("POST", path, object_)
    asked = server.must("POST", f"{core}/serviceaccounts/podproof-webhook/token", {"spec": {}})
    token: str = asked["status"]["token"]
    return token


def test_the_installation_has_the_needed_rights() -> None:
    installed = values(mode="enforcing")
    rules = of_kind("Role", installed)["rules"] + of_kind("ClusterRole", installed)["rules"]
    for group, resource, name, verbs in NEEDED_RIGHTS:
        (rule,) = (one for one in rules if resource in one["resources"])
        assert (rule["apiGroups"], rule["resourceNames"]) == ([group], [name])
        assert tuple(rule["verbs"]) == verbs
    assert ADMISSION.endswith(f"{NEEDED_RIGHTS[2][0]}/v1")
