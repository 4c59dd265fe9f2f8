"""What is reported beside findings: images, the template of Helm, and how much of a route is absent."""

from custom_checks import check_text

POD = """\
---
# Source: shop/templates/web.yaml
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  initContainers:
  - name: set-up
  containers:
  - name: web
    image: nginx:1.27
    securityContext:
      capabilities: {add: [NET_BIND_SERVICE]}
      seccompProfile:
  - name: log
"""


def test_each_container_has_its_image_and_a_pod_its_source() -> None:
    (pod,) = check_text(POD).objects
    assert [container.name for container in pod.containers] == ["set-up", "web", "log"]
    assert pod.images == (None, "nginx:1.27", None)
    assert pod.source == "shop/templates/web.yaml"


def test_a_finding_says_how_much_of_its_route_is_absent() -> None:
    absent = {
        (located.finding.check, located.finding.container.name): (located.missing, located.place.line)
        for located in check_text(POD, "restricted").findings
        if located.finding.container is not None and not located.finding.advice
    }
    assert absent["run-as-non-root", "web"] == (1, 12)
    assert absent["capabilities-restricted", "web"] == (1, 13)
    # a key without a value is there, what would stand below it is not
    assert absent["seccomp-profile-restricted", "web"] == (1, 14)
    assert absent["run-as-non-root", "log"] == (2, 15)
