"""What is to be done next about the webhook's certificates, and which of them a server is to show.

What the Secret and the webhook configurations have at a moment comes in, one step goes out. Each step is one
write, and any of them may be the last before whoever makes them ends: what is stored then is enough to go on.

A certificate is shown only once each webhook configuration trusts its authority, and an authority is trusted
until everything that it has signed is over. It signs nothing once there is a newer one, since its key is
forgotten in the same write: so that is one lifetime of a certificate later, whoever still shows it.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from .self_managed_pairs import (
    Certificate,
    CertificatePair,
    Lifetimes,
    covers,
    make_authority,
    make_leaf,
    names_in,
    read_certificates,
)
from .self_managed_state import PublishedBundles, StoredCertificates

__all__ = ["NextStep", "ShownCertificate", "choose_shown", "plan"]

MOST_AUTHORITIES = 8
"""In one bundle: a Secret that somebody keeps deleting must not let it grow."""


class NextStep(msgspec.Struct, frozen=True):
    """One write, or none: exactly one of `store` and `publish` is given, or `due` alone.

    `store` replaces what the Secret has, `publish` is to be in these `configurations`. `what` names the step
    for a log, and `reason` says why in words. `due` is when there may be something to do next.
    """

    what: str = "wait"
    reason: str = ""
    store: StoredCertificates | None = None
    publish: tuple[Certificate, ...] = ()
    configurations: tuple[PublishedBundles, ...] = ()
    due: datetime | None = None


def plan(
    now: datetime,
    stored: StoredCertificates | None,
    published: Sequence[PublishedBundles],
    names: tuple[str, ...],
    settled: datetime | None,
    lifetimes: Lifetimes,
) -> NextStep:
    """Say what is to be done next.

    `stored` None: there is no Secret. `published` has the configurations that there are. `settled` is when
    every API server has read that the newest authority is trusted; None while it is not published.
    """
    reason = _needs_authority(now, stored)
    if reason or stored is None or stored.authority is None:
        known = tuple(one for each in published for text in each.bundles for one in read_certificates(text))
        return _new_authority(now, stored or StoredCertificates(), known, reason, lifetimes)
    lacking = tuple(each for each in published if not each.has(stored.authorities))
    if lacking:
        return NextStep(
            "bundle published",
            "the authorities differ from those in the Secret",
            publish=stored.authorities,
            configurations=lacking,
        )
    reason = _needs_leaf(now, stored, names)
    if reason:
        # nobody shows a certificate of an authority that nobody has heard of: there is nothing to wait for
        first = stored.leaf is None and len(stored.authorities) == 1
        if not first and (settled is None or now < settled):
            return NextStep(due=settled)
        leaf = make_leaf(stored.authority, names, now, lifetimes)
        return NextStep("certificate made", reason, store=msgspec.structs.replace(stored, leaf=leaf))
    kept = _still_needed(now, stored.authorities, stored.leaf, lifetimes)
    if kept != stored.authorities:
        return NextStep(
            "authority forgotten",
            "all that it has signed is over",
            store=msgspec.structs.replace(stored, authorities=kept),
        )
    return NextStep(due=_next_change(stored, stored.authority, lifetimes))


def _needs_authority(now: datetime, stored: StoredCertificates | None) -> str:
    if stored is None:
        return "there is no Secret"
    if stored.authority is None:
        return f"the Secret cannot be used: {stored.problem}" if stored.problem else "the Secret is empty"
    if now >= stored.authority.renewal:
        return "two thirds of the authority's life are over"
    if not stored.authority.holds(now):
        return "the authority is not valid yet"
    return ""


def _new_authority(
    now: datetime,
    stored: StoredCertificates,
    known: tuple[Certificate, ...],
    reason: str,
    lifetimes: Lifetimes,
) -> NextStep:
    """Make an authority that nobody is shown anything of yet; those before it stay."""
    made = make_authority(now, lifetimes)
    before = tuple(dict.fromkeys((*known, *stored.authorities)))
    authorities = _still_needed(now, (made.certificate, *before), stored.leaf, lifetimes)
    leaf = stored.leaf
    if leaf is not None and not any(covers(one, leaf.certificate, now) for one in authorities):
        leaf = None
    return NextStep("authority made", reason, store=StoredCertificates(authorities, made, leaf))


def _needs_leaf(now: datetime, stored: StoredCertificates, names: tuple[str, ...]) -> str:
    leaf = stored.leaf
    if leaf is None:
        return f"the Secret cannot be used: {stored.problem}" if stored.problem else "there is none"
    if not leaf.holds(now):
        return "the certificate is not valid now"
    if not covers(stored.authorities[0], leaf.certificate, now):
        return "there is a newer authority"
    missing = set(names) - names_in(leaf.certificate)
    if missing:
        return f"the certificate is not for {', '.join(sorted(missing))}"
    if now >= leaf.renewal:
        return "two thirds of the certificate's life are over"
    return ""


def _still_needed(
    now: datetime,
    authorities: tuple[Certificate, ...],
    leaf: CertificatePair | None,
    lifetimes: Lifetimes,
) -> tuple[Certificate, ...]:
    """Leave out the authorities all of whose certificates are over, or that are over themselves."""
    newest, *others = authorities
    last_end = _last_end(newest, lifetimes)
    signers = [one for one in others if leaf is not None and covers(one, leaf.certificate, now)]
    kept = [one for one in others if now < one.not_valid_after_utc and (one in signers or now < last_end)]
    bounded = kept[: MOST_AUTHORITIES - 1]
    return (newest, *bounded, *(one for one in signers if one not in bounded))


def _last_end(newest: Certificate, lifetimes: Lifetimes) -> datetime:
    """Say when the last certificate ends that was signed before an authority was made.

    The clock of whoever made it may have been behind; `not_valid_before` lies before its making already.
    """
    end: datetime = newest.not_valid_before_utc + 2 * lifetimes.skew + lifetimes.leaf
    return end


def _next_change(stored: StoredCertificates, authority: CertificatePair, lifetimes: Lifetimes) -> datetime:
    moments = [authority.renewal]
    if stored.leaf is not None:
        moments.append(stored.leaf.renewal)
    if len(stored.authorities) > 1:
        moments.append(_last_end(authority.certificate, lifetimes))
        moments.extend(one.not_valid_after_utc for one in stored.authorities)
    return min(moments)


class ShownCertificate(msgspec.Struct, frozen=True):
    """What a server shows; None: nothing yet. `unready` says why it should not be connected to, or ""."""

    leaf: CertificatePair | None = None
    unready: str = "there is no certificate yet"


def choose_shown(
    now: datetime,
    shown: CertificatePair | None,
    stored: StoredCertificates | None,
    published: Sequence[PublishedBundles],
) -> ShownCertificate:
    """Choose between what is shown and what the Secret has; what no configuration trusts is the last resort.

    Without any configuration no API server asks, and everything is trusted.
    """
    offered = stored.leaf if stored is not None else None
    reason = ""
    for leaf in (offered, shown):
        if leaf is None:
            continue
        problem = _distrust(now, leaf, published)
        if not problem:
            return ShownCertificate(leaf, "")
        reason = reason or problem
    if shown is not None and shown.holds(now):
        return ShownCertificate(shown, _distrust(now, shown, published))
    if offered is not None:
        return ShownCertificate(offered, reason)
    if shown is not None:
        return ShownCertificate(shown, reason)
    return ShownCertificate()


def _distrust(now: datetime, leaf: CertificatePair, published: Sequence[PublishedBundles]) -> str:
    if not leaf.holds(now):
        return "the certificate is not valid now"
    for each in published:
        if not each.covers(leaf.certificate, now):
            return f"{each.kind} {each.name} does not trust the certificate's authority yet"
    return ""
