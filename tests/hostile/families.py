# ruff: noqa: E501 - lines of manifests
"""Families of hostile input: N of one thing, as a file that somebody might hand in.

A family is a function from N to bytes. `sized` chooses N so that the file comes just under a number of bytes,
which makes what different families cost comparable, and twice the bytes twice the work.
"""

import json
from collections.abc import Callable
from typing import Any

Family = Callable[[int], bytes]

_HEAD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n"
_CONTAINER = "  containers:\n  - name: c\n    image: i\n"
_POD = _HEAD + "spec:\n" + _CONTAINER


def _lines(head: str, each: Callable[[int], str], count: int, tail: str = "") -> bytes:
    return (head + "".join(each(number) for number in range(count)) + tail).encode()


def _under(head: str, line: str, tail: str = "") -> Family:
    """Repeat a line below a head; # in it is the number of the repetition."""
    return lambda count: _lines(head, lambda number: line.replace("#", str(number)), count, tail)


def _pod(spec: dict[str, Any], **container: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a"},
        "spec": {"containers": [{"name": "c", "image": "i", **container}], **spec},
    }


def _deep(opening: str, closing: str, inner: str = "1", head: str = _HEAD + "spec: ") -> Family:
    return lambda count: (head + opening * count + inner + closing * count + "\n").encode()


def _deep_block(count: int) -> bytes:
    # its bytes grow with the square of its depth
    depth = int((2 * count) ** 0.5)
    return (_HEAD + "spec:\n" + "".join(" " * level + "a:\n" for level in range(1, depth)) + "\n").encode()


def _laughs(count: int) -> bytes:
    lines = ["l0: &l0 [a,a,a,a,a,a,a,a,a]"]
    lines += [f"l{n}: &l{n} [" + ",".join([f"*l{n - 1}"] * 9) + "]" for n in range(1, count)]
    return ("\n".join(lines) + "\n").encode()


def _mounts(count: int) -> bytes:
    return _lines(
        _HEAD + "spec:\n  volumes:\n",
        lambda n: f"  - name: v{n}\n    emptyDir: {{}}\n",
        count,
        _CONTAINER
        + "    volumeMounts:\n"
        + "".join(f"    - {{name: v{n}, mountPath: /v{n}}}\n" for n in range(count)),
    )


def _policies(count: int) -> bytes:
    policy = (
        "---\napiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: p#}\nspec:\n"
        "  seLinux: {rule: RunAsAny}\n  runAsUser: {rule: MustRunAsNonRoot}\n"
        "  supplementalGroups: {rule: RunAsAny}\n  fsGroup: {rule: RunAsAny}\n"
    )
    containers = "".join(f"  - name: c{n}\n    image: i\n" for n in range(count))
    return _lines(
        "",
        lambda n: policy.replace("#", str(n)),
        count,
        "---\n" + _HEAD + "spec:\n  containers:\n" + containers,
    )


def _definitions(count: int) -> bytes:
    return _lines(
        "",
        lambda n: (
            "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
            f"metadata: {{name: k{n}s.e.io}}\n"
            f"spec:\n  group: e.io\n  names: {{kind: K{n}, plural: k{n}s}}\n  scope: Namespaced\n  versions:\n"
            "  - name: v1\n    served: true\n    storage: true\n    schema: {openAPIV3Schema: {type: object}}\n"
            f"---\napiVersion: e.io/v1\nkind: K{n}\nmetadata: {{name: a}}\nspec: {{template: {{spec: {{}}}}}}\n"
        ),
        count,
    )


def _list(count: int, extra: str = "") -> bytes:
    item = (
        "- apiVersion: v1\n  kind: Pod\n  metadata: {name: p#}\n"
        f"  spec: {{{extra}containers: [{{name: c, image: i}}]}}\n"
    )
    return _under("apiVersion: v1\nkind: List\nitems:\n", item)(count)


def _config_map(count: int) -> bytes:
    manifest = "".join("    " + line + "\n" for line in _POD.splitlines())
    return _under(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n", f"  f#.yaml: |\n{manifest}"
    )(count)


def _json_duplicates(count: int) -> bytes:
    return (
        '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{'
        + '"hostNetwork":true,' * count
        + '"containers":[{"name":"c","image":"i"}]}}'
    ).encode()


def _selector(count: int) -> bytes:
    terms = "".join(f"  - {{key: k{n}, operator: In, values: [a, b]}}\n" for n in range(count))
    return (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n"
        "    metadata: {labels: {a: b}}\n    spec: {containers: [{name: c, image: i}]}\n"
        "  selector:\n    matchExpressions:\n" + terms.replace("  - ", "    - ")
    ).encode()


_SC = "    securityContext:\n"
_AFFINITY = (
    "  affinity:\n    nodeAffinity:\n      requiredDuringSchedulingIgnoredDuringExecution:\n"
    "        nodeSelectorTerms:\n"
)
_POD_AFFINITY = "  affinity:\n    podAffinity:\n      requiredDuringSchedulingIgnoredDuringExecution:\n"

FAMILIES: dict[str, Family] = {
    "duplicate key": _under(_HEAD + "spec:\n", "  hostNetwork: true\n", _CONTAINER),
    "duplicate top key": _under(_POD, "kind: Pod\n"),
    "duplicate keys of many": _under(_POD, "  a#: 1\n  a#: 2\n"),
    "duplicate keys nested": _under(_POD, "  a: {b: {c: 1, c: 2}, b: {c: 1, c: 2}}\n"),
    "duplicate keys in a List": lambda n: _list(n, "hostPID: true, hostPID: true, "),
    "duplicate keys in JSON": _json_duplicates,
    "unknown fields": _under(_POD, "  hostNetwrk#: true\n"),
    "unknown long fields": _under(_POD, f"  {'automountServiceAccountTokn' * 8}#: 1\n"),
    "unknown top fields": _under(_POD, "hostNetwork#: true\n"),
    "unknown fields of contexts": _under(_POD + _SC, "      runAsNotRoot#: 1\n"),
    "misplaced fields": _under(_HEAD + "spec:\n  containers:\n", "  - {name: c#, image: i, runAsUser: 1}\n"),
    "capabilities added": _under(_POD + _SC + "      capabilities:\n        add:\n", "        - NET_ADMI#\n"),
    "capability repeated": _under(
        _POD + _SC + "      capabilities:\n        add:\n", "        - SYS_ADMIN\n"
    ),
    "capabilities dropped": _under(
        _POD + _SC + "      capabilities:\n        drop:\n", "        - CAP_NET_RAW#\n"
    ),
    "capabilities flow": lambda n: json.dumps(
        _pod({}, securityContext={"capabilities": {"add": ["A"] * n, "drop": ["ALL"] * n}})
    ).encode(),
    "capabilities over many containers": _under(
        _HEAD + "spec:\n  containers:\n",
        "  - {name: c#, image: i, securityContext: {capabilities: {add: [SYS_ADMIN, X]}}}\n",
    ),
    "sysctls": _under(_POD + "  securityContext:\n    sysctls:\n", "    - {name: kernel.x#, value: '1'}\n"),
    "sysctl repeated": _under(
        _POD + "  securityContext:\n    sysctls:\n", "    - {name: kernel.msgmax, value: '1'}\n"
    ),
    "ports": _under(_POD + "    ports:\n", "    - {containerPort: 80, hostPort: 80}\n"),
    "named ports": _under(_POD + "    ports:\n", "    - {containerPort: 80, name: web}\n"),
    "low ports": _under(_POD + "    ports:\n", "    - containerPort: 80\n"),
    "environment": _under(_POD + "    env:\n", "    - {name: A, value: $(A)}\n"),
    "environment that expands": _under(_POD + "    env:\n", "    - {name: A#, value: '$(A0)$(A1)$(A2)'}\n"),
    "environment that doubles": lambda n: _lines(
        _POD + "    env:\n    - {name: A0, value: aaaaaaaaaa}\n",
        lambda k: f"    - {{name: A{k + 1}, value: $(A{k})$(A{k})}}\n",
        n,
    ),
    "arguments": _under(_POD + "    args:\n", "    - $(A)\n"),
    "volumes": _under(_POD + "  volumes:\n", "  - {name: v#, hostPath: {path: /v#}}\n"),
    "volume repeated": _under(_POD + "  volumes:\n", "  - {name: v, hostPath: {path: /proc}}\n"),
    "volumes and mounts": _mounts,
    "mounts": _under(
        _HEAD + "spec:\n  volumes: [{name: v, hostPath: {path: /}}]\n" + _CONTAINER + "    volumeMounts:\n",
        "    - {name: v, mountPath: /m}\n",
    ),
    "nested mounts": _under(
        _HEAD + "spec:\n  volumes: [{name: v, emptyDir: {}}]\n" + _CONTAINER + "    volumeMounts:\n",
        "    - {name: v, mountPath: /m/#}\n",
    ),
    "mounts of many containers": _under(
        _HEAD + "spec:\n  volumes: [{name: v, emptyDir: {}}]\n  containers:\n",
        "  - {name: c#, image: i, volumeMounts: [{name: v, mountPath: /v}], securityContext: {runAsUser: 1#}}\n",
    ),
    "projected sources": _under(
        _POD + "  volumes:\n  - name: v\n    projected:\n      sources:\n",
        "      - configMap: {name: c, items: [{key: a, path: p}]}\n",
    ),
    "containers": _under(_HEAD + "spec:\n  containers:\n", "  - {name: c#, image: i}\n"),
    "containers of one name": _under(_HEAD + "spec:\n  containers:\n", "  - {name: c, image: i}\n"),
    "empty containers": _under(_HEAD + "spec:\n  containers:\n", "  - {}\n"),
    "containers of nothing": _under(_HEAD + "spec:\n  containers:\n", "  -\n"),
    "init containers": _under(_POD + "  initContainers:\n", "  - {name: i#, image: i}\n"),
    "sidecars": _under(_POD + "  initContainers:\n", "  - {name: i#, image: i, restartPolicy: Always}\n"),
    "ephemeral containers": _under(_POD + "  ephemeralContainers:\n", "  - {name: e#, image: i}\n"),
    "privileged containers": _under(
        _HEAD + "spec:\n  containers:\n", "  - {name: c#, image: i, securityContext: {privileged: true}}\n"
    ),
    "documents": _under("", "---\n" + _POD.replace("name: a", "name: a#")),
    "tiny documents": _under("", "---\na: b\n"),
    "empty documents": _under("", "---\n"),
    "broken documents": _under("", "---\na: [\n"),
    "JSON documents": _under("", json.dumps(_pod({})) + "\n"),
    "tolerations": _under(_POD + "  tolerations:\n", "  - {key: k#, operator: Exists}\n"),
    "toleration repeated": _under(_POD + "  tolerations:\n", "  - {key: k, operator: X}\n"),
    "node affinity terms": _under(
        _POD + _AFFINITY, "        - matchExpressions: [{key: k#, operator: In, values: [a]}]\n"
    ),
    "pod affinity terms": _under(
        _POD + _POD_AFFINITY, "      - {topologyKey: t, labelSelector: {matchLabels: {a#: b}}}\n"
    ),
    "topology constraints": _under(
        _POD + "  topologySpreadConstraints:\n",
        "  - {maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule}\n",
    ),
    "host aliases": _under(_POD + "  hostAliases:\n", "  - {ip: 1.2.3.4, hostnames: [h#]}\n"),
    "node selector": _under(_POD + "  nodeSelector:\n", "    k#: v\n"),
    "scheduling gates": _under(_POD + "  schedulingGates:\n", "  - {name: g}\n"),
    "resource claims": _under(_POD + "  resourceClaims:\n", "  - {name: r#, resourceClaimName: x}\n"),
    "resources": _under(_POD + "    resources:\n      limits:\n", "        e.io/r#: 1\n"),
    "supplemental groups": _under(_POD + "  securityContext:\n    supplementalGroups:\n", "    - #\n"),
    "readiness gates": _under(_POD + "  readinessGates:\n", "  - {conditionType: c#}\n"),
    "long string": lambda n: (_POD + "    command: ['" + "x" * n + "']\n").encode(),
    "long capability": lambda n: (
        _POD + _SC + "      capabilities: {add: ['" + "NET_ADMIN" * (n // 9) + "']}\n"
    ).encode(),
    "long unknown field": lambda n: (_POD + "  " + "hostNetwork" * (n // 11) + ": 1\n").encode(),
    "long name": lambda n: (
        _HEAD.replace("name: a", "name: " + "a-" * (n // 2)) + "spec:\n" + _CONTAINER
    ).encode(),
    "long image": lambda n: (_POD.replace("image: i", "image: " + "a/" * (n // 2))).encode(),
    "long mount path": lambda n: (
        _HEAD
        + "spec:\n  volumes: [{name: v, emptyDir: {}}]\n"
        + _CONTAINER
        + "    volumeMounts: [{name: v, mountPath: '"
        + "/.." * (n // 3)
        + "'}]\n"
    ).encode(),
    "one long line": lambda n: json.dumps(
        _pod({"hostNetwork": True}, ports=[{"containerPort": 80, "hostPort": k} for k in range(n)])
    ).encode(),
    "deep JSON": lambda n: (
        '{"apiVersion":"v1","kind":"Pod","spec":' + '{"a":' * n + "1" + "}" * n + "}"
    ).encode(),
    "deep JSON lists": lambda n: (
        '{"apiVersion":"v1","kind":"Pod","spec":' + "[" * n + "]" * n + "}"
    ).encode(),
    "deep flow": _deep("[", "]"),
    "deep flow mappings": _deep("{a: ", "}"),
    "deep open flow": _deep("[", ""),
    "deep block": _deep_block,
    "deep sequence": lambda n: (_HEAD + "spec:\n" + "- " * n + "a\n").encode(),
    "annotations": _under(_HEAD + "  annotations:\n", "    a#: b\n", "spec:\n" + _CONTAINER),
    "bad annotations": _under(_HEAD + "  annotations:\n", "    a b#: b\n", "spec:\n" + _CONTAINER),
    "AppArmor annotations": _under(
        _HEAD + "  annotations:\n",
        "    container.apparmor.security.beta.kubernetes.io/c#: x\n",
        "spec:\n" + _CONTAINER,
    ),
    "seccomp annotations": _under(
        _HEAD + "  annotations:\n",
        "    container.seccomp.security.alpha.kubernetes.io/c#: x\n",
        "spec:\n" + _CONTAINER,
    ),
    "labels": _under(_HEAD + "  labels:\n", "    a#: b\n", "spec:\n" + _CONTAINER),
    "owner references": _under(
        _HEAD + "  ownerReferences:\n",
        "  - {apiVersion: v1, kind: K, name: n, uid: u, controller: true}\n",
        "spec:\n" + _CONTAINER,
    ),
    "finalizers": _under(_HEAD + "  finalizers:\n", "  - f#\n", "spec:\n" + _CONTAINER),
    "image pull secrets": _under(_POD + "  imagePullSecrets:\n", "  - {name: s#}\n"),
    "huge number": lambda n: (_POD + "  priority: " + "9" * n + "\n").encode(),
    "huge JSON number": lambda n: ('{"apiVersion":"v1","kind":"Pod","spec":' + "9" * n + "}").encode(),
    "huge numbers": _under(_POD + "  a:\n", "  - 1e999999999\n"),
    "huge quantity": lambda n: (_POD + "    resources: {limits: {cpu: '" + "9" * n + "'}}\n").encode(),
    "exponent quantities": _under(_POD + "    resources:\n      limits:\n", "        e.io/r#: 1e999999999\n"),
    "anchors": _under(_POD + "  a:\n", "  - &a# x\n"),
    "aliases": _under(_POD + "  x: &x [a, a, a, a, a, a, a, a]\n  a:\n", "  - *x\n"),
    "aliased containers": _under(
        _HEAD + "spec:\n  containers:\n  - &c {name: c, image: i, ports: [{hostPort: 1}, {hostPort: 2}]}\n",
        "  - *c\n",
    ),
    "billion laughs": _laughs,
    "merge keys": _under("x: &x {hostNetwork: true}\n" + _POD + "  a:\n", "  - {<<: *x, b: 1}\n"),
    "merges in a row": lambda n: _lines(
        "x0: &x0 {a0: 1}\n", lambda k: f"x{k + 1}: &x{k + 1} {{<<: *x{k}, a{k + 1}: 1}}\n", n, _POD
    ),
    "merge of many": lambda n: (
        "x: &x {a: 1}\n" + _POD + "  a:\n    <<: [" + ", ".join(["*x"] * n) + "]\n"
    ).encode(),
    "comments": _under(_POD, "# a comment\n"),
    "tabs": _under(_POD, "\t\n"),
    "tabs in a line": lambda n: (_POD + "  a: 'b" + "\t" * n + "'\n").encode(),
    "blank lines": _under(_POD, "\n"),
    "carriage returns": _under(_POD, "\r"),
    "bad indents": _under(_POD, " a:\n   b:\n"),
    "stars": _under(_POD + "  a:\n", "  - *\n"),
    "block scalars": _under(_POD + "  a:\n", "  - |\n    x\n"),
    "quotes": _under(_POD + "  a:\n", '  - "\\u0041\\n"\n'),
    "percent signs": _under("", "%YAML 1.1\n"),
    "question marks": _under("", "? a#\n"),
    "colons": lambda n: (_POD + "  a" + ":" * n + " b\n").encode(),
    "complex keys": _under(_POD, "  ? [a, b]\n  : c\n"),
    "tags": _under(_POD + "  a:\n", "  - !!str 1\n"),
    "definitions": _definitions,
    "custom resources": _under(
        "",
        "---\napiVersion: e.io/v1\nkind: K\nmetadata: {name: a#}\nspec: {template: {spec: {containers: [{name: c, image: i}]}}}\n",
    ),
    "custom pods": _under(
        "apiVersion: e.io/v1\nkind: K\nmetadata: {name: a}\nspec:\n",
        "  p#: {template: {spec: {containers: [{name: c, image: i}]}}}\n",
    ),
    "custom contexts": _under(
        "apiVersion: e.io/v1\nkind: K\nmetadata: {name: a}\nspec:\n",
        "  p#: {securityContext: {privileged: true}}\n",
    ),
    "policies and containers": _policies,
    "policy volumes": _under(
        "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: p}\nspec:\n  volumes:\n",
        "  - x#\n",
    ),
    "policy ranges": _under(
        "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: p}\nspec:\n"
        "  seLinux: {rule: RunAsAny}\n  supplementalGroups: {rule: RunAsAny}\n  fsGroup: {rule: RunAsAny}\n"
        "  runAsUser:\n    rule: MustRunAs\n    ranges:\n",
        "    - {min: 1, max: #}\n",
    ),
    "List": _list,
    "ConfigMaps of manifests": _config_map,
    "template braces": _under(_POD, "  a#: {{ .Values.a }}\n"),
    "template lines": _under(_POD, "{{ if .Values.a }}\n"),
    "template placeholders": _under(_POD + "  a:\n", "  - '{{ .a }} ${B} $(C)'\n"),
    "claims": _under(
        "", "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c#}\nspec: {}\n"
    ),
    "claim templates": lambda n: _lines(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: s}\nspec:\n  serviceName: s\n"
        "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n"
        "    spec: {containers: [{name: c, image: i}]}\n  volumeClaimTemplates:\n",
        lambda k: f"  - {{metadata: {{name: v{k}}}, spec: {{}}}}\n",
        n,
    ),
    "selectors": _selector,
    "failure rules": _under(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n  template:\n"
        "    spec: {restartPolicy: Never, containers: [{name: c, image: i}]}\n"
        "  podFailurePolicy:\n    rules:\n",
        "    - {action: Ignore, onExitCodes: {operator: In, values: [#, 1]}}\n",
    ),
    "cron schedule": lambda n: (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: j}\nspec:\n  schedule: '"
        + "1," * n
        + "1 * * * *'\n  jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: i}]}}}}\n"
    ).encode(),
    "wrong types": _under(_HEAD + "spec:\n  containers:\n", "  - {name: 1, image: 2, ports: x}\n"),
    "users that share a volume": _under(
        _HEAD
        + "spec:\n  securityContext: {runAsUser: 1}\n  volumes: [{name: v, emptyDir: {}}]\n  containers:\n",
        "  - {name: c#, image: i, volumeMounts: [{name: v, mountPath: /v}], securityContext: {runAsUser: 9#}}\n",
    ),
    "documents of one user": _under(
        "", "---\n" + _POD.replace("name: a", "name: a#") + "    securityContext: {runAsUser: 1}\n"
    ),
}


def _review(count: int, inner: str) -> str:
    return (
        '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","kind":{"group":"",'
        '"version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},'
        '"namespace":"n","operation":"CREATE","userInfo":{},"object":' + inner + "}}\n"
    )


_EVENT = (
    '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"i","stage":"ResponseComplete",'
    '"requestURI":"/api/v1/namespaces/n/pods","verb":"create","user":{"username":"u"},"objectRef":'
    '{"resource":"pods","namespace":"n","name":"a","apiVersion":"v1"},"requestObject":'
)

REQUESTS: dict[str, Family] = {
    "reviews": lambda n: "".join(_review(n, json.dumps(_pod({}))) for _ in range(n)).encode(),
    "review of deep JSON": lambda n: _review(
        n,
        '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":' + '{"a":' * n + "1" + "}" * n + "}",
    ).encode(),
    "review of deep lists": lambda n: _review(
        n, '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"x":' + "[" * n + "]" * n + "}"
    ).encode(),
    "review of duplicates": lambda n: _review(
        n, '{"apiVersion":"v1","kind":"Pod",' + '"a":1,' * n + '"spec":{}}'
    ).encode(),
    "review of containers": lambda n: _review(
        n,
        json.dumps(_pod({"initContainers": [{"name": f"c{k}", "image": "i"} for k in range(n)]})),
    ).encode(),
    "audit events": lambda n: ((_EVENT + json.dumps(_pod({})) + "}\n") * n).encode(),
    "audit event of deep JSON": lambda n: (_EVENT + '{"a":' * n + "1" + "}" * n + "}\n").encode(),
    "broken audit lines": lambda n: ((_EVENT + "\n") * n).encode(),
}
"""What only `admit` reads."""


def sized(family: Family, size: int) -> bytes:
    """Give the largest file of a family that has at most `size` bytes."""
    low, high = 1, 2
    while high <= size and len(family(high)) <= size:
        low, high = high, high * 2
    while high - low > max(1, low // 200):
        middle = (low + high) // 2
        if len(family(middle)) <= size:
            low = middle
        else:
            high = middle
    return family(low)
