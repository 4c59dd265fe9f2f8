"""Judges one object: its value comes in, its pods, their verdicts and every finding go out.

The Judge is an immutable snapshot of what was asked (level, versions, checks); it is made once for a run. It
knows no document: it gives routes in the object, so that a live object, a review and an unsaved buffer are
judged alike. `places` finds the routes in a document.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import msgspec

from ...checks.model.acceptance import AcceptanceCheck, ReviewedObject, facts_of_review
from ...checks.model.across import ContainerUser
from ...effective.predicted import PredictedContext
from ...effective.setting import Setting
from ...findings import MOST_LISTED, ContainerRef, Finding, Route
from ...kube.feature_gates import FeatureGates
from ...kube.pod import Pod, raw_pod
from ...kube.reported_user import reported_users
from ...kube.storage import Storage
from ...kube.template import Template
from ...kube.unjudged import Unjudged, pattern_in, unjudged_in
from ...kube.versions import Minor
from ...kube.workload import Fragment, Learned, Workload, find_workload
from ...kubelet.start_prediction import PodStartPrediction
from ...manifest.route import value_at
from ...policies.levels import Level
from ...policies.pod_security import Evaluator, Verdict
from ...results.checked import ObjectRef, PodSecurity
from ...steps import Steps, finish
from .claims import with_made_claims
from .effects import FindEffects, make_effects
from .in_object import finding_in_object, named_as_written, user_in_object, with_container
from .many_containers import first_containers, of_first_containers, too_many
from .pod_security import make_pod_security
from .pods import Reviewed, review_of
from .references import claims_of, object_ref, written_containers
from .suppress_repeats import covering_all, uncovered, unrepeated

__all__ = ["Judge", "Judged", "JudgedPod"]


class JudgedPod(msgspec.Struct, frozen=True):
    """One pod of an object. `route` is its template's, counted from the object (() for the object itself).

    `found_by_shape` says that no type of the API server says where the pod is, as in a custom resource.
    `containers` are in `places`, routes of the object, in their order. `pod_security` None: the pod could not
    be decoded, and a finding says why. `processes` are those of Linux containers where effects are asked for;
    `start` says whether they start.
    """

    route: Route
    found_by_shape: bool
    containers: tuple[ContainerRef, ...]
    places: tuple[Route, ...]
    pod_security: PodSecurity | None
    processes: tuple[PredictedContext, ...] = ()
    start: PodStartPrediction | None = None


class Judged(msgspec.Struct, frozen=True):
    """Everything there is to report about one object; all routes are counted from it.

    No `pods`: it is another object. `users` are given for each pod in turn. `policy` says of a
    PodSecurityPolicy whether it could be judged; of anything else it is None. `pattern` says why it makes no
    pods though parts of pods stand in it; "" for anything else. `unjudged` is what looks like container
    security and was not judged. `limit` tells that it was not looked at to its end.
    """

    object: ObjectRef
    pods: tuple[JudgedPod, ...] = ()
    findings: tuple[Finding, ...] = ()
    users: tuple[tuple[ContainerUser, ...], ...] = ()
    policy: Literal["judged", "undecided"] | None = None
    pattern: str = ""
    unjudged: Unjudged | None = None
    limit: bool = False


_NOTHING: frozenset[str] = frozenset()


def _everything(_check: str) -> bool:
    return True


class Judge(msgspec.Struct, frozen=True):
    """What was asked: `level` and `version` as asked, `evaluated_version` and `gates` what they mean.

    `standards` give the Pod Security verdict on a decoded, defaulted pod; `find_effects` what its settings
    really do on a node (None: nobody asked), which `setting` describes.
    """

    level: Level
    version: str
    evaluated_version: str
    kubernetes_version: str
    gates: FeatureGates
    standards: Evaluator
    acceptance: tuple[AcceptanceCheck, ...]
    find_effects: FindEffects | None = None
    setting: Setting | None = None

    def with_storage(self, storage: Storage) -> "Judge":
        """Return the judge that knows what lies behind claims; itself where nobody asks for effects."""
        if self.setting is None:
            return self
        setting = msgspec.structs.replace(self.setting, storage=storage)
        return msgspec.structs.replace(self, find_effects=make_effects(setting), setting=setting)

    @property
    def minor(self) -> Minor:
        """The N of Kubernetes 1.N that is asked about."""
        return self.gates.minor

    def judge(
        self,
        value: Any,
        *,
        duplicates: tuple[Route, ...] = (),
        after_dots: bool = False,
        reports: Callable[[str], bool] = _everything,
        learned: Learned | None = None,
    ) -> Judged:
        """Judge one object; see `steps`."""
        return finish(
            self.steps(value, duplicates=duplicates, after_dots=after_dots, reports=reports, learned=learned)
        )

    def steps(
        self,
        value: Any,
        *,
        duplicates: tuple[Route, ...] = (),
        after_dots: bool = False,
        reports: Callable[[str], bool] = _everything,
        learned: Learned | None = None,
    ) -> Steps[Judged]:
        """Judge one object step by step.

        What its text says beside the value: `duplicates` are the routes of keys that are given twice,
        `after_dots` tells that the document follows a line `...`. `reports` tells which checks are reported:
        advice that only repeats one of these is left out. `learned` is what CustomResourceDefinitions say of
        kinds that the catalogue does not have.
        """
        workload = find_workload(value, learned)
        named = object_ref(value)
        pattern = pattern_in(value, workload)
        if workload is None or pattern:
            judged = self._other(value, named, duplicates)
            unjudged = None if pattern else unjudged_in(value, workload)
            return msgspec.structs.replace(judged, pattern=pattern, unjudged=unjudged)
        pods: list[JudgedPod] = []
        findings: list[Finding] = []
        users: list[tuple[ContainerUser, ...]] = []
        open_texts: list[Route] = []
        limit = workload.limit if isinstance(workload, Workload) else None
        fragment = workload if isinstance(workload, Fragment) else None
        for number, template in enumerate(workload.templates):
            reviewed = yield from review_of(value, workload, template, self.gates)
            crowd = too_many(reviewed.template.pod.get("spec"))
            if crowd:
                limit = limit or (crowd, reviewed.template.source_route(("spec",)))
                reviewed = msgspec.structs.replace(reviewed, review=of_first_containers(reviewed.review))
            reviewed_object = ReviewedObject(
                value=value,
                api_version=named.api_version,
                kind=named.kind,
                gates=self.gates,
                review=reviewed.review,
                to_value=reviewed.to_value,
                custom=_found_by_shape(workload),
                fragment=fragment,
                duplicates=() if number else duplicates,
                after_dots=after_dots,
            )
            containers = {} if _is_filled_in(workload) else written_containers(reviewed.template)
            yield
            pod, effects, its_users = yield from self._pod(named, workload, reviewed, containers, reports)
            yield
            if its_users is not None:
                users.append(its_users)
            accepted = self._accepted(reviewed_object)
            if reviewed.template.placeholder:
                replaced = _replaced(accepted, value, reviewed.template.placeholder)
                accepted = [finding for finding in accepted if finding not in replaced]
                if pod.pod_security is None and replaced and not accepted:
                    # Whether it is a pod shows only once the controller has replaced its texts.
                    open_texts += [finding.route for finding in replaced]
                    continue
            pods.append(pod)
            if accepted:
                accepted = [with_container(finding, containers) for finding in accepted]
                findings += unrepeated(accepted, effects, reports)
            if effects:
                findings += uncovered(effects, reports)
        if len(pods) > 1:
            findings = _once(findings)
        if fragment is not None:
            findings = [named_as_written(finding, fragment) for finding in findings]
        if limit is not None:
            findings += self._about_limit(value, named, limit)
        return Judged(
            named,
            tuple(pods),
            tuple(findings),
            tuple(users),
            unjudged=unjudged_in(value, workload, open_texts),
            limit=limit is not None,
        )

    def _accepted(self, reviewed: ReviewedObject) -> list[Finding]:
        """Ask the checks of acceptance that there is anything to tell to."""
        facts = facts_of_review(reviewed)
        asked = [check for check in self.acceptance if not check.when or check.when & facts]
        return [finding for check in asked for finding in check.find(reviewed)]

    def _about_limit(self, value: Any, named: ObjectRef, limit: tuple[str, Route]) -> Iterator[Finding]:
        met = ReviewedObject(
            value=value, api_version=named.api_version, kind=named.kind, gates=self.gates, limit=limit
        )
        for check in self.acceptance:
            if check.id == "search-limit":
                yield from check.find(met)

    def judge_list(self, value: Any, duplicates: tuple[Route, ...]) -> Judged:
        """Say which keys of a List stand twice, as its items may; the items themselves are judged apart."""
        named = object_ref(value)
        reviewed = ReviewedObject(
            value=value,
            api_version=named.api_version,
            kind=named.kind,
            gates=self.gates,
            duplicates=duplicates,
        )
        checks = (check for check in self.acceptance if check.id == "duplicate-key")
        return Judged(named, findings=tuple(finding for check in checks for finding in check.find(reviewed)))

    def _pod(
        self,
        named: ObjectRef,
        workload: Workload | Fragment,
        reviewed: Reviewed,
        containers: dict[Route, ContainerRef],
        reports: Callable[[str], bool],
    ) -> Steps[tuple[JudgedPod, list[Finding], tuple[ContainerUser, ...] | None]]:
        """Judge one pod by the level and by what its settings do; users are None where that is not asked."""
        template, decoded = reviewed.template, reviewed.decoded_pod(self.minor)
        pod = None if decoded is None else raw_pod(decoded)
        security = None
        findings: list[Finding] = []
        users: tuple[ContainerUser, ...] | None = None
        processes: tuple[PredictedContext, ...] = ()
        start: PodStartPrediction | None = None
        yield
        if pod is not None:
            verdict = self.standards.evaluate(pod)
            security = make_pod_security(self.standards, pod, verdict)
            few = first_containers(pod)
            listed = verdict.findings if few is pod else _of_few(verdict, self.standards.evaluate(few))
            pod = few
            findings = [self._moved(finding, template, containers) for finding in listed]
        yield
        whole = not template.filled_in and (bool(containers) or not _is_filled_in(workload))
        if pod is not None and self.find_effects is not None and whole:
            itself = not template.route
            find = self._with_claims_of(reviewed, pod) or self.find_effects
            reported = reported_users(template.pod) if itself else {}
            covered = covering_all(findings, containers.values(), reports) if findings else _NOTHING
            effects = yield from find(
                pod, named.name, named.namespace, itself, claims_of(decoded), reported, covered
            )
            findings += [
                with_container(finding_in_object(finding, template), containers)
                for finding in effects.findings
            ]
            users = tuple([user_in_object(user, template) for user in effects.users])
            processes, start = effects.processes, effects.start
        judged = JudgedPod(
            template.route,
            _found_by_shape(workload),
            tuple(containers.values()),
            tuple(containers),
            security,
            processes,
            start,
        )
        return judged, findings, users

    def _with_claims_of(self, reviewed: Reviewed, pod: Pod) -> FindEffects | None:
        """Look also behind the claims that the pod's controller makes; None: it makes none."""
        if self.setting is None or reviewed.owner is None:
            return None
        setting = with_made_claims(self.setting, reviewed.owner, pod)
        return None if setting is self.setting else make_effects(setting)

    def _other(self, value: Any, named: ObjectRef, duplicates: tuple[Route, ...]) -> Judged:
        reviewed_object = ReviewedObject(
            value=value,
            api_version=named.api_version,
            kind=named.kind,
            gates=self.gates,
            duplicates=duplicates,
        )
        findings = self._accepted(reviewed_object)
        if named.kind == "Namespace":
            from .namespace_object import judge_namespace_object

            findings.extend(judge_namespace_object(value, self.minor))
        if named.kind == "PodSecurityExemption":
            from .exemption_object import judge_exemption_object

            findings.extend(judge_exemption_object(value))
        if named.kind != "PodSecurityPolicy":
            return Judged(named, findings=tuple(findings))
        from .policy_object import judge_policy_object

        policy_findings = judge_policy_object(value, self.minor)
        policy: Literal["judged", "undecided"] | None = None
        if policy_findings is not None:
            findings.extend(policy_findings)
            policy = "undecided" if any(one.check == "wrong-type" for one in policy_findings) else "judged"
        return Judged(named, findings=tuple(findings), policy=policy)

    def _moved(self, finding: Finding, template: Template, containers: dict[Route, ContainerRef]) -> Finding:
        """Count a finding's routes from the object instead of from the pod, and say who forbids it."""
        moved = finding_in_object(finding, template, more_help=(f"{self.level}:{self.version} forbids it",))
        return with_container(moved, containers)


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what several pods of one object are told for the same place."""
    distinct: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        distinct.setdefault((finding.check, finding.route, finding.message, finding.container), finding)
    return list(distinct.values())


def _of_few(verdict: Verdict, of_few: Verdict) -> tuple[Finding, ...]:
    """Give the findings of a pod's first containers, and the first of the checks that only others violate."""
    seen = {check.id for check, _ in of_few.violations}
    others = tuple((check, violation) for check, violation in verdict.violations if check.id not in seen)
    far = msgspec.structs.replace(verdict, violations=others)
    return of_few.findings + far.findings[:MOST_LISTED]


def _found_by_shape(workload: Workload | Fragment) -> bool:
    return isinstance(workload, Workload) and workload.custom


def _is_filled_in(workload: Workload | Fragment) -> bool:
    """Tell whether the pod's container was filled in around a fragment that has none."""
    return isinstance(workload, Fragment) and workload.filled_in


def _replaced(findings: Iterable[Finding], value: Any, opens: str) -> list[Finding]:
    """Give what is said of texts that a controller replaces before it makes the pod."""
    return [
        finding
        for finding in findings
        if isinstance(written := value_at(value, finding.route), str) and opens in written
    ]
