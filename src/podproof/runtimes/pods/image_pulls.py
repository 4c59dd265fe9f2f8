"""Sees to it that a container's image is there: present, pulled with the pod's secrets, or waited for.

What to do and in which words is decided by `kubelet.pulls`; this module asks the engine.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ...kube.image_name import ImageNameError, full_name
from ...kubelet.keyring import credentials_for
from ...kubelet.objects import Objects
from ...kubelet.pull_secrets import PullSecretError
from ...kubelet.pulls import (
    PullEvent,
    PullHistory,
    PullPolicy,
    Waiting,
    decide_pull,
    pull_failed,
    pull_succeeded,
)
from ..engine import Engine, EngineError, ImageRecord
from .registries import registry_refusal
from .values import Clock, RunOptions

__all__ = ["ImagePulls"]


class ImagePulls:
    """The pulls of one pod."""

    def __init__(
        self,
        pod: Mapping[str, Any],
        *,
        engine: Engine,
        objects: Objects,
        options: RunOptions,
        clock: Clock,
    ) -> None:
        self._pod = pod
        self._engine = engine
        self._objects = objects
        self._options = options
        self._clock = clock
        self._histories: dict[str, PullHistory] = {}

    def ensure(
        self, container: Mapping[str, Any], record_event: Callable[[PullEvent], None]
    ) -> ImageRecord | Waiting:
        """Give the image, or what the container waits for. Raises EngineError: the engine is gone."""
        image = str(container.get("image") or "")
        policy: PullPolicy = container.get("imagePullPolicy") or "IfNotPresent"
        present = self._engine.image(image)
        if present is not None and policy == "Always" and self._is_served(image):
            policy = "IfNotPresent"
        # Waits are shortened by looking at a clock that runs faster.
        now = self._clock.now() / self._options.time_scale
        history = self._histories.get(image, PullHistory())
        decision = decide_pull(image, policy, present=present is not None, history=history, now=now)
        for event in decision.events:
            record_event(event)
        if decision.waiting is not None:
            return decision.waiting
        if decision.action == "use" and present is not None:
            return present
        return self._pull(image, decision.image, history, record_event)

    def _is_served(self, image: str) -> bool:
        try:
            return full_name(image) in self._options.served
        except ImageNameError:
            return False

    def _pull(
        self, image: str, reference: str, history: PullHistory, record_event: Callable[[PullEvent], None]
    ) -> ImageRecord | Waiting:
        began, errors = self._clock.now(), []
        allowed = self._options.registries
        refused = registry_refusal(image, allowed) if allowed is not None else None
        if refused is not None:
            return self._failed(image, [refused], history, record_event)
        try:
            logins = credentials_for(image, self._pod, self._objects)
        except PullSecretError as error:
            # The kubelet has the words of Go's decoder here, and no reason that tells what it is about.
            return self._failed(image, [str(error)], history, record_event)
        for credentials in logins or (None,):
            try:
                record = self._engine.pull(reference, credentials)
            except EngineError as error:
                # as the kubelet's client: a code that says nothing is left out
                errors.append(error.detail if error.code == "Unknown" else str(error))
                continue
            took = self._clock.now() - began
            record_event(pull_succeeded(image, seconds=took, waited=took, size=record.size))
            self._histories.pop(image, None)
            return record
        return self._failed(image, errors, history, record_event)

    def _failed(
        self, image: str, errors: list[str], history: PullHistory, record_event: Callable[[PullEvent], None]
    ) -> Waiting:
        now = self._clock.now() / self._options.time_scale
        self._histories[image], waiting, events = pull_failed(image, errors, history, now)
        for event in events:
            record_event(event)
        return waiting
