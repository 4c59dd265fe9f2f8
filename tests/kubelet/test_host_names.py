"""A pod's names, by the code of the kubelet 1.37.2 (GeneratePodHostNameAndDomain, GetNodenameForKernel)."""

from typing import Any

import pytest

from podproof.kube.pod import raw_pod
from podproof.kubelet.host_names import LongHostName, host_names

LONG = "a" * 62 + "-b" + "c" * 10


@pytest.mark.parametrize(
    ("name", "spec", "in_hosts", "in_kernel"),
    [
        ("web", {}, "web", "web"),
        ("web", {"hostname": "foo"}, "foo", "foo"),
        ("web", {"hostname": "foo", "subdomain": "bar"}, "foo.bar.shop.svc.cluster.local\tfoo", "foo"),
        ("web", {"subdomain": "bar"}, "web.bar.shop.svc.cluster.local\tweb", "web"),
        (
            "web",
            {"subdomain": "bar", "setHostnameAsFQDN": True},
            "web.bar.shop.svc.cluster.local\tweb",
            "web.bar.shop.svc.cluster.local",
        ),
        ("web", {"setHostnameAsFQDN": True}, "web", "web"),
        ("web", {"subdomain": "", "setHostnameAsFQDN": True}, "web", "web"),
        ("web", {"hostnameOverride": "o.n", "hostname": "foo", "subdomain": "bar"}, "o.n", "o.n"),
        ("web", {"hostnameOverride": "own", "subdomain": "b", "setHostnameAsFQDN": True}, "own", "own"),
        (LONG, {}, "a" * 62, "a" * 62),
        ("a" * 63, {}, "a" * 63, "a" * 63),
        ("a" * 60 + "..-b", {}, "a" * 60, "a" * 60),
        ("a" * 62 + "-", {}, "a" * 62 + "-", "a" * 62 + "-"),
        ("a" * 64, {}, "a" * 63, "a" * 63),
        ("web", {"hostname": ""}, "web", "web"),
        ("web", {"hostname": "f", "hostnameOverride": None}, "f", "f"),
        ("web", {"hostnameOverride": "a" * 62 + ".b.c"}, "a" * 62, "a" * 62),
        ("web", {"subdomain": "b", "setHostnameAsFQDN": False}, "web.b.shop.svc.cluster.local\tweb", "web"),
        (LONG, {"subdomain": "b"}, "a" * 62 + ".b.shop.svc.cluster.local\t" + "a" * 62, "a" * 62),
    ],
)
def test_names(name: str, spec: dict[str, Any], in_hosts: str, in_kernel: str) -> None:
    names = host_names(raw_pod({"metadata": {"name": name, "namespace": "shop"}, "spec": spec}))
    assert (names.in_hosts, names.in_kernel) == (in_hosts, in_kernel)


@pytest.mark.parametrize("letters", [36, 37])
def test_the_kernel_takes_64_characters(letters: int) -> None:
    pod = {
        "metadata": {"name": "a" * letters, "namespace": "shop"},
        "spec": {"subdomain": "bars", "setHostnameAsFQDN": True},
    }
    full = f"{'a' * letters}.bars.shop.svc.cluster.local"
    names = host_names(raw_pod(pod))
    if len(full) <= 64:
        assert names.in_kernel == full
        return
    with pytest.raises(LongHostName) as refused:
        _ = names.in_kernel
    assert str(refused.value) == (
        f"failed to construct FQDN from pod hostname and cluster domain, FQDN {full} is too long "
        "(64 characters is the max, 65 characters requested)"
    )


def test_names_of_what_is_absent() -> None:
    names = host_names(raw_pod({"metadata": {"name": "web"}, "spec": {"subdomain": "b"}}))
    assert names.in_hosts == "web.b.default.svc.cluster.local\tweb"
    empty: tuple[dict[str, Any], ...] = ({}, {"metadata": None, "spec": None})
    for nothing in empty:
        names = host_names(raw_pod(nothing))
        assert (names.in_hosts, names.in_kernel) == ("", "")
