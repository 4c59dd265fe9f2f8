"""Runs attacks beside a running pod: its containers come in, what the kernel answered goes out.

Every attacker is a container of its own in the pod's sandbox, asked for as the container is that it stands
for: same image, user, capabilities, mounts and filters; only its command is the helper, mounted read-only.
"""

from .facts import node_facts
from .run import Attacked, AttackResult, Target, attack_pod

__all__ = ["AttackResult", "Attacked", "Target", "attack_pod", "node_facts"]
