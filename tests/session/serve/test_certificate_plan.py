"""What is to be done about the webhook's own certificates, and what may be shown: one step at a time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from podproof.session.serve.self_managed_pairs import (
    CertificatePair,
    Lifetimes,
    covers,
    make_authority,
    make_leaf,
    write_certificates,
)
from podproof.session.serve.self_managed_plan import MOST_AUTHORITIES, choose_shown, plan
from podproof.session.serve.self_managed_state import (
    PublishedBundles,
    StoredCertificates,
    read_stored,
    write_stored,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DEFAULT = Lifetimes()
NAMES = ("podproof-webhook.podproof.svc",)
DAY = timedelta(days=1)


def _authority(days: float = 0) -> CertificatePair:
    return make_authority(NOW + days * DAY, DEFAULT)


def _leaf(authority: CertificatePair, days: float = 0, names: tuple[str, ...] = NAMES) -> CertificatePair:
    return make_leaf(authority, names, NOW + days * DAY, DEFAULT)


def _stored(*authorities: CertificatePair, leaf: CertificatePair | None = None) -> StoredCertificates:
    return StoredCertificates(tuple(one.certificate for one in authorities), authorities[0], leaf)


def _published(*authorities: CertificatePair, kind: str = "V") -> PublishedBundles:
    bundle = write_certificates(tuple(one.certificate for one in authorities))
    return PublishedBundles(kind, "podproof-webhook", "1", ("a", "b"), (bundle, bundle))


OLD, NEW = _authority(-300), _authority()
OLD_LEAF, NEW_LEAF = _leaf(OLD, -10), _leaf(NEW)
STRANGER = _authority(-5)


@pytest.mark.parametrize(
    ("stored", "published", "settled", "what", "reason"),
    [
        (None, [], None, "authority made", "there is no Secret"),
        (StoredCertificates(), [], None, "authority made", "the Secret is empty"),
        (
            read_stored({"ca.crt": b"x"}),
            [],
            None,
            "authority made",
            "the Secret cannot be used: ca.crt and ca.key: there is no certificate in PEM",
        ),
        (
            read_stored({**write_stored(_stored(NEW)), "ca.key": OLD.key}),
            [],
            None,
            "authority made",
            "the Secret cannot be used: ca.crt and ca.key: the key is not that of the certificate",
        ),
        (_stored(NEW), [_published()], None, "bundle published", "the authorities differ from"),
        (_stored(NEW), [_published(NEW), _published(kind="M")], None, "bundle published", "the auth"),
        (_stored(NEW), [_published(NEW)], None, "certificate made", "there is none"),
        (_stored(NEW), [], None, "certificate made", "there is none"),
        (
            read_stored({**write_stored(_stored(NEW, leaf=NEW_LEAF)), "tls.key": OLD.key}),
            [_published(NEW)],
            None,
            "certificate made",
            "the Secret cannot be used: tls.crt and tls.key: the key is not that of the certificate",
        ),
        # others may still show what an older authority has signed: everybody has to know the newer one first
        (_stored(NEW, OLD), [_published(NEW, OLD)], NOW + DAY, "wait", ""),
        (_stored(NEW, OLD), [_published(NEW, OLD)], NOW, "certificate made", "there is none"),
        (_stored(NEW, OLD, leaf=OLD_LEAF), [_published(OLD)], None, "bundle published", "the auth"),
        (_stored(NEW, OLD, leaf=OLD_LEAF), [_published(NEW, OLD)], None, "wait", ""),
        (
            _stored(NEW, OLD, leaf=OLD_LEAF),
            [_published(NEW, OLD)],
            NOW,
            "certificate made",
            "there is a newer",
        ),
        (_stored(NEW, OLD, leaf=NEW_LEAF), [_published(NEW, OLD)], NOW, "wait", ""),
        (_stored(NEW, leaf=NEW_LEAF), [_published(NEW, STRANGER)], NOW, "bundle published", "the auth"),
        (
            _stored(NEW, leaf=_leaf(NEW, names=("a",))),
            [],
            NOW,
            "certificate made",
            "the certificate is not for",
        ),
        (_stored(NEW, leaf=_leaf(NEW, names=("a", *NAMES))), [], NOW, "wait", ""),
    ],
)
def test_the_next_step(
    stored: StoredCertificates | None,
    published: list[PublishedBundles],
    settled: datetime | None,
    what: str,
    reason: str,
) -> None:
    step = plan(NOW, stored, published, NAMES, settled, DEFAULT)
    assert (step.what, step.reason[: len(reason)]) == (what, reason)
    assert (step.store is not None) + bool(step.publish) == (what != "wait")
    if what == "bundle published":
        assert stored is not None
        assert step.publish == stored.authorities


def _what(days: float, stored: StoredCertificates, *published: PublishedBundles) -> str:
    now = NOW + days * DAY
    return plan(now, stored, published, NAMES, now, DEFAULT).what


@pytest.mark.parametrize(
    ("days", "what"),
    [
        (59.9, "wait"),
        (60, "certificate made"),  # two thirds of 90 days
        (89, "certificate made"),
        (91, "certificate made"),
        (-2, "authority made"),  # not valid yet: the clock goes back, or was put forward before
        (486.6, "certificate made"),
        (486.7, "authority made"),  # two thirds of 730 days
    ],
)
def test_renewals_begin_after_two_thirds_of_a_life(days: float, what: str) -> None:
    assert _what(days, _stored(NEW, leaf=NEW_LEAF), _published(NEW)) == what


@pytest.mark.parametrize(
    ("days", "leaf", "what"),
    [
        (89, _leaf(NEW, 50), "wait"),  # what OLD has signed up to the last moment may still be shown
        (90.1, _leaf(NEW, 50), "authority forgotten"),
        (90.1, _leaf(OLD, 85), "certificate made"),
    ],
)
def test_an_older_authority_is_forgotten_when_all_that_it_signed_is_over(
    days: float, leaf: CertificatePair, what: str
) -> None:
    assert _what(days, _stored(NEW, OLD, leaf=leaf), _published(NEW, OLD)) == what


def test_waiting_ends_when_something_is_to_be_done() -> None:
    for stored in (_stored(NEW, leaf=NEW_LEAF), _stored(NEW, OLD, leaf=NEW_LEAF)):
        published = _published(NEW, OLD) if len(stored.authorities) == 2 else _published(NEW)
        step = plan(NOW, stored, [published], NAMES, NOW, DEFAULT)
        assert step.due is not None
        assert plan(step.due - timedelta(minutes=1), stored, [published], NAMES, NOW, DEFAULT).what == "wait"
        assert plan(step.due, stored, [published], NAMES, NOW, DEFAULT).what != "wait"


def test_a_new_authority_keeps_what_is_relied_on_and_forgets_its_predecessors_key() -> None:
    garbled = msgspec.structs.replace(_stored(STRANGER, leaf=OLD_LEAF), authority=None, problem="bad")
    step = plan(NOW, garbled, [_published(OLD)], NAMES, NOW, DEFAULT)
    assert step.store is not None
    made, *others = step.store.authorities
    assert others == [OLD.certificate, STRANGER.certificate]
    assert step.store.leaf == OLD_LEAF
    data = write_stored(step.store)
    assert step.store.authority is not None
    assert data["ca.key"] == step.store.authority.key
    assert made == step.store.authority.certificate
    assert read_stored(data) == step.store


def test_what_nobody_trusts_is_not_kept_as_a_certificate() -> None:
    garbled = StoredCertificates((), None, OLD_LEAF, "bad")
    step = plan(NOW, garbled, [], NAMES, NOW, DEFAULT)
    assert step.store is not None
    assert step.store.leaf is None


def test_a_bundle_does_not_grow_without_end() -> None:
    many = [_authority(-number / 100) for number in range(2 * MOST_AUTHORITIES)]
    leaf = _leaf(many[-1])
    stored = msgspec.structs.replace(_stored(*many, leaf=leaf), authority=None, problem="bad")
    step = plan(NOW, stored, [], NAMES, NOW, DEFAULT)
    assert step.store is not None
    assert len(step.store.authorities) == MOST_AUTHORITIES + 1
    assert step.store.leaf == leaf
    assert any(covers(one, leaf.certificate, NOW) for one in step.store.authorities)


_TRUST = "does not trust the certificate's authority yet"


@pytest.mark.parametrize(
    ("shown", "offered", "published", "chosen", "unready"),
    [
        (None, None, [], None, "there is no certificate yet"),
        (None, NEW_LEAF, [], NEW_LEAF, ""),
        (None, NEW_LEAF, [_published(NEW)], NEW_LEAF, ""),
        (None, NEW_LEAF, [_published()], NEW_LEAF, f"V podproof-webhook {_TRUST}"),
        (OLD_LEAF, NEW_LEAF, [_published(NEW, OLD)], NEW_LEAF, ""),
        (OLD_LEAF, NEW_LEAF, [_published(OLD)], OLD_LEAF, ""),
        (
            OLD_LEAF,
            NEW_LEAF,
            [_published(NEW), _published(OLD, kind="M")],
            OLD_LEAF,
            f"V podproof-webhook {_TRUST}",
        ),
        (OLD_LEAF, NEW_LEAF, [_published(NEW, OLD), _published(OLD, kind="M")], OLD_LEAF, ""),
        (OLD_LEAF, None, [_published(OLD)], OLD_LEAF, ""),
        (OLD_LEAF, None, [_published(NEW)], OLD_LEAF, f"V podproof-webhook {_TRUST}"),
        (_leaf(OLD, -100), NEW_LEAF, [_published(OLD)], NEW_LEAF, f"V podproof-webhook {_TRUST}"),
        (_leaf(OLD, -100), None, [_published(OLD)], _leaf(OLD, -100), "the certificate is not valid now"),
    ],
)
def test_what_is_shown(
    shown: CertificatePair | None,
    offered: CertificatePair | None,
    published: list[PublishedBundles],
    chosen: CertificatePair | None,
    unready: str,
) -> None:
    stored = None if offered is None else _stored(NEW, leaf=offered)
    choice = choose_shown(NOW, shown, stored, published)
    assert (choice.leaf and choice.leaf.certificate.not_valid_before_utc) == (
        chosen and chosen.certificate.not_valid_before_utc
    )
    assert choice.unready == unready


@pytest.mark.parametrize("show", [repr, str, "{}".format])
def test_keys_are_in_no_text(show: Callable[[object], str]) -> None:
    stored = _stored(NEW, leaf=NEW_LEAF)
    for value in (NEW, stored, plan(NOW, None, [], NAMES, None, DEFAULT)):
        assert "PRIVATE" not in show(value)
