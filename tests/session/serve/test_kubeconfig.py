"""Kubeconfigs and the account of a pod: who is asked, and as whom; and what is said where they are wrong."""

import asyncio
import base64
import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from podproof.errors import UsageError
from podproof.session.serve.api_client import ApiClient, find_access
from podproof.session.serve.api_errors import ApiServerError
from podproof.session.serve.credentials import Identity

V1 = "client.authentication.k8s.io/v1"


def write(folder: Path, user: dict[str, Any], cluster: dict[str, Any] | None = None, **other: Any) -> str:
    """Write a kubeconfig whose current context has one user and one cluster."""
    value = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": None}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:6443/", **(cluster or {})}}],
        "users": [{"name": "u", "user": user}],
        **other,
    }
    path = folder / "config"
    path.write_text(yaml.safe_dump(value))
    return str(path)


def identity(path: str, *, refused: bool = False) -> Identity:
    return asyncio.run(find_access(path).credentials.identity(refused=refused))


def plugin(folder: Path, code: str, **members: Any) -> dict[str, Any]:
    """Write a plugin in Python beside the kubeconfig, and the user that names it."""
    script = folder / "plugin"
    (folder / "plugin.py").write_text(f"import json, os, sys\n{code}\n")
    # a first line that names Python itself cannot have blanks in its path
    words = shlex.join((sys.executable, str(folder / "plugin.py")))
    script.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    script.chmod(0o755)
    return {"exec": {"apiVersion": V1, "command": "./plugin", "interactiveMode": "Never", **members}}


def printing(status: dict[str, Any], version: str = V1) -> str:
    credential = {"kind": "ExecCredential", "apiVersion": version, "status": status}
    return f"print({json.dumps(credential)!r})"


def test_the_current_context_says_who_asks_whom(tmp_path: Path) -> None:
    authority = base64.b64encode(b"pem").decode()
    path = write(tmp_path, {"token": "t"}, {"certificate-authority-data": authority, "tls-server-name": "n"})
    access = find_access(path)
    assert (access.server, access.namespace) == ("https://127.0.0.1:6443", "default")
    assert (access.authority, access.server_name) == ("pem", "n")
    assert access.who == f'user "u" of {path}'
    assert identity(path) == Identity("Bearer t")


def test_a_token_file_stands_beside_the_kubeconfig_and_goes_first(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("of-the-file\n")
    path = write(tmp_path, {"tokenFile": "token", "token": "t"})
    assert identity(path) == Identity("Bearer of-the-file")


def test_a_password_is_sent_as_one(tmp_path: Path) -> None:
    path = write(tmp_path, {"username": "ann", "password": "p"})
    assert identity(path) == Identity("Basic YW5uOnA=")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"current-context": ""}, "there is no current-context, choose one with kubectl config use-context"),
        ({"contexts": []}, 'there is no context "here"'),
        ({"clusters": None}, 'there is no cluster "c"'),
        ({"users": [{"name": "other"}]}, 'there is no user "u"'),
        ({"users": [{"name": "u", "user": {"as": "root"}}]}, 'user "u" has as, which is not supported'),
        (
            {
                "users": [
                    {"name": "u", "user": {"client-key": "/dev/null", "client-certificate-data": "UA=="}}
                ]
            },
            'user "u" has a client certificate or a key, but not both',
        ),
        (
            {"users": [{"name": "u", "user": {"client-certificate": "none.crt"}}]},
            "client-certificate {folder}/none.crt: No such file or directory",
        ),
        (
            {"clusters": [{"name": "c", "cluster": {"server": "h:1"}}]},
            'server "h:1" of cluster "c" is not a URL',
        ),
        (
            {"users": [{"name": "u", "user": {"exec": {"apiVersion": "v0", "command": "x"}}}]},
            f'exec has apiVersion "v0", {V1} and {V1}beta1 are supported',
        ),
        (
            {
                "users": [
                    {
                        "name": "u",
                        "user": {"exec": {"apiVersion": V1, "command": "x", "interactiveMode": "Always"}},
                    }
                ]
            },
            "exec x has interactiveMode Always, and nobody is there to ask",
        ),
        ({"users": [{"name": "u", "user": {"token": 7}}]}, "expected `str`, got `int` - at `$.token`"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    path = write(tmp_path, {"token": "t"}, **changed)
    with pytest.raises(UsageError) as raised:
        find_access(path)
    assert str(raised.value) == f"--kubeconfig {path}: {message.replace('{folder}', str(tmp_path))}"


def test_what_is_no_kubeconfig_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config"
    with pytest.raises(UsageError, match=r"config: No such file or directory$"):
        find_access(str(path))
    path.write_text("a: [")
    with pytest.raises(UsageError, match="is not YAML: "):
        find_access(str(path))
    path.write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(UsageError, match=r"config: it is not UTF-8$"):
        find_access(str(path))
    path.write_text("")
    with pytest.raises(UsageError, match="there is no current-context"):
        find_access(str(path))


def test_an_authority_that_is_not_pem_is_named(tmp_path: Path) -> None:
    authority = base64.b64encode(b"no pem").decode()
    path = write(tmp_path, {"token": "t"}, {"certificate-authority-data": authority})
    with pytest.raises(UsageError, match=r"^the certificate authority of https://127.0.0.1:6443 is not PEM"):
        ApiClient(find_access(path))


def test_a_client_certificate_that_is_not_pem_is_named(tmp_path: Path) -> None:
    pem = base64.b64encode(b"no pem").decode()
    path = write(tmp_path, {"client-certificate-data": pem, "client-key-data": pem})
    with pytest.raises(UsageError, match=r'^the client certificate of user "u" of .* cannot be used'):
        ApiClient(find_access(path))


def test_a_plugin_is_told_what_kubectl_tells_it(tmp_path: Path) -> None:
    code = 'open("told", "w").write(os.environ["KUBERNETES_EXEC_INFO"] + os.environ["A"] + sys.argv[1])\n'
    code = f"os.chdir({str(tmp_path)!r})\n{code}{printing({'token': 'of-the-plugin'})}"
    user = plugin(tmp_path, code, env=[{"name": "A", "value": "b"}], args=["c"], provideClusterInfo=True)
    assert identity(write(tmp_path, user)) == Identity("Bearer of-the-plugin")
    spec = '{"interactive":false,"cluster":{"server":"https://127.0.0.1:6443/"}}'
    told = f'{{"kind":"ExecCredential","apiVersion":"{V1}","spec":{spec}}}bc'
    assert (tmp_path / "told").read_text() == told


def test_a_plugin_may_give_a_certificate(tmp_path: Path) -> None:
    status = {"clientCertificateData": "c", "clientKeyData": "k"}
    assert identity(write(tmp_path, plugin(tmp_path, printing(status)))) == Identity("", ("c", "k"))


def test_a_plugin_is_run_again_when_what_it_gave_expires_or_is_refused(tmp_path: Path) -> None:
    count = f"os.chdir({str(tmp_path)!r})\nopen('runs', 'a').write('x')\n"

    def runs(expiry: str, refused: bool) -> int:
        (tmp_path / "runs").write_text("")
        status = {"token": "t", "expirationTimestamp": expiry}
        credentials = find_access(write(tmp_path, plugin(tmp_path, count + printing(status)))).credentials

        async def ask() -> None:
            await credentials.identity()
            await credentials.identity()
            await asyncio.gather(*(credentials.identity(refused=refused) for _ in range(3)))

        asyncio.run(ask())
        return len((tmp_path / "runs").read_text())

    assert runs("2999-01-01T00:00:00Z", refused=False) == 1
    assert runs("2999-01-01T00:00:00Z", refused=True) == 2
    assert runs("2001-01-01T00:00:00Z", refused=False) == 5


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("print('{}')", f"printed nothing instead of {V1}"),
        ("print('no')", "did not print an ExecCredential"),
        (printing({}), "printed neither a token nor a certificate with its key"),
        (printing({"token": "t"}, f"{V1}beta1"), f"printed {V1}beta1 instead of {V1}"),
        (
            printing({"token": "t", "expirationTimestamp": "soon"}),
            "printed an expirationTimestamp that is no time",
        ),
        ("print('a\\nlog in first', file=sys.stderr); sys.exit(3)", "failed with exit code 3: log in first"),
    ],
)
def test_a_plugin_that_fails_is_named(tmp_path: Path, code: str, message: str) -> None:
    path = write(tmp_path, plugin(tmp_path, code))
    with pytest.raises(ApiServerError) as raised:
        identity(path)
    assert str(raised.value) == f"the credential plugin {tmp_path}/plugin {message}"
    assert raised.value.failing == "unauthorized"


def test_a_plugin_that_is_not_there_is_named_with_its_hint(tmp_path: Path) -> None:
    user = {"exec": {"apiVersion": V1, "command": "no-such-plugin", "installHint": "install\nit"}}
    path = write(tmp_path, user)
    with pytest.raises(ApiServerError) as raised:
        identity(path)
    message = "the credential plugin no-such-plugin cannot be run: No such file or directory; install it"
    assert str(raised.value) == message


def test_a_pod_has_its_own_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("token", "t\n"), ("ca.crt", "pem"), ("namespace", "podproof")):
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    access = find_access(None, tmp_path)
    assert (access.server, access.namespace, access.authority) == ("https://[fd00::1]:443", "podproof", "pem")
    assert asyncio.run(access.credentials.identity()) == Identity("Bearer t")
    (tmp_path / "token").write_text("newer")
    assert asyncio.run(access.credentials.identity()) == Identity("Bearer t")
    assert asyncio.run(access.credentials.identity(refused=True)) == Identity("Bearer newer")
    (tmp_path / "token").write_text("")
    with pytest.raises(ApiServerError, match=r"token .*is empty$"):
        asyncio.run(access.credentials.identity(refused=True))
    (tmp_path / "ca.crt").unlink()
    with pytest.raises(UsageError, match=r"^the pod's own account cannot be read: .*ca\.crt"):
        find_access(None, tmp_path)


def test_without_either_both_ways_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(UsageError, match=r"--kubeconfig FILE, or .* --cluster DIR$"):
        find_access(None, tmp_path)
