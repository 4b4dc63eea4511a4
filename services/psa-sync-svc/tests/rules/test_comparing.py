"""One field, three values: what was last alike, what we have, what the PSA shows."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa_sync_svc.domain.account import Address, PsaAccount
from psa_sync_svc.domain.alike import alike, is_empty, normal
from psa_sync_svc.domain.comparing import Sides, Verdict, compare
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.policy import DEFAULT, Policy, all_policies
from psa_sync_svc.domain.reading import taken

A, B, C = "Wattle", "Tide", "Harbour"
EARLY, LATE = "2026-07-01T10:00:00Z", "2026-07-01T10:00:01.5Z"
every_policy = pytest.mark.parametrize("policy", list(Policy))


@every_policy
@pytest.mark.parametrize(
    ("base", "ours", "theirs", "verdict"),
    [
        (A, A, A, Verdict.ALIKE),
        (A, B, B, Verdict.ALIKE),
        (A, B, A, Verdict.PUSH),
        (A, None, A, Verdict.PUSH),
        (A, A, B, Verdict.TAKE),
        (A, A, None, Verdict.TAKE),
        (None, None, "", Verdict.ALIKE),
    ],
)
def test_where_one_side_changed_it_counts_whatever_the_policy(
    base: str | None, ours: str | None, theirs: str | None, verdict: Verdict, policy: Policy
) -> None:
    assert compare(Sides(base, ours, theirs), policy) is verdict


@pytest.mark.parametrize(
    ("policy", "ours_since", "theirs_since", "verdict"),
    [
        (Policy.PORTAL, EARLY, LATE, Verdict.PUSH),
        (Policy.PSA, LATE, EARLY, Verdict.TAKE),
        (Policy.NEWEST, EARLY, LATE, Verdict.TAKE),
        (Policy.NEWEST, LATE, EARLY, Verdict.PUSH),
        (Policy.NEWEST, LATE, LATE, Verdict.PUSH),
        (Policy.NEWEST, None, EARLY, Verdict.TAKE),
        (Policy.NEWEST, "2026-07-01T12:00:00+02:00", "2026-07-01T10:00:00.001", Verdict.TAKE),
        (Policy.REVIEW, EARLY, LATE, Verdict.REVIEW),
    ],
)
def test_where_both_changed_the_policy_decides(
    policy: Policy, ours_since: str | None, theirs_since: str, verdict: Verdict
) -> None:
    sides = Sides(A, B, C, ours_since=ours_since, theirs_since=theirs_since)

    assert compare(sides, policy) is verdict


@every_policy
def test_of_two_sides_that_were_never_alike_the_empty_one_takes_the_other(policy: Policy) -> None:
    assert compare(Sides(None, None, B, compared=False), policy) is Verdict.TAKE
    assert compare(Sides(None, A, "", compared=False), policy) is Verdict.PUSH


@every_policy
def test_of_two_sides_that_were_never_alike_and_both_have_something_the_policy_decides(policy: Policy) -> None:
    never = compare(Sides(None, A, B, compared=False, ours_since=EARLY, theirs_since=LATE), policy)

    assert never is compare(Sides(C, A, B, ours_since=EARLY, theirs_since=LATE), policy)


@every_policy
def test_what_cannot_be_taken_over_is_never_taken(policy: Policy) -> None:
    for base, ours in product((A, B, None), repeat=2):
        verdict = compare(Sides(base, ours, "ring Ann", readable=False), policy)

        assert verdict not in (Verdict.TAKE, Verdict.ALIKE)
        assert verdict is Verdict.UNREAD or not alike(ours, base)


def test_what_cannot_be_taken_over_and_was_overruled_is_as_good_as_unchanged() -> None:
    assert compare(Sides("ring Ann", A, "ring  Ann", readable=False), Policy.PSA) is Verdict.PUSH


texts = st.one_of(st.none(), st.sampled_from(["", " ", A, f" {A}  ", "Zoë", "Zoe\u0308", "a\nb", "a b"]), st.text())


@given(texts, texts, texts)
def test_alike_is_one_form_for_all_that_are(one: str | None, other: str | None, third: str | None) -> None:
    assert alike(one, one)
    assert alike(one, other) == alike(other, one)
    assert not (alike(one, other) and alike(other, third)) or alike(one, third)
    assert alike(one, normal(one))


@given(texts, texts, texts, st.sampled_from(list(Policy)))
def test_sides_that_are_told_apart_only_by_how_they_are_written_are_in_step(
    base: str | None, ours: str | None, theirs: str | None, policy: Policy
) -> None:
    verdict = compare(Sides(base, ours, theirs), policy)

    assert (verdict is Verdict.ALIKE) == alike(ours, theirs)


def test_an_address_is_the_same_with_its_country_by_name_and_none_where_every_line_is_blank() -> None:
    assert alike(Address("14 Wharf Street ", "", country="Australia"), Address("14  Wharf Street", country="au"))
    assert not alike(Address("14 Wharf Street"), Address("14 WHARF STREET"))
    assert is_empty(Address(" ", country=""))


def test_an_account_is_read_in_our_form_and_what_cannot_be_taken_is_named_and_left_as_it_stands() -> None:
    account = PsaAccount("1", " Wattle\n& Tide ", "(08) 9555 0142", Address("14 Wharf St", country="Australia"), "")

    found = taken(account, None)

    assert found.unread == {}
    assert found.values.company_name == "Wattle & Tide"
    assert found.values.contact_number == "+61895550142"
    assert found.values.company_address == Address("14 Wharf St", country="AU")
    assert found.values.reference is None


def test_each_field_that_cannot_be_taken_is_named_with_the_reason() -> None:
    account = PsaAccount("1", "  ", "ring Ann", Address("14 Wharf St", country="Atlantis"), "x" * 201)

    found = taken(account, "AU")

    assert {field: problem.code for field, problem in found.unread.items()} == {
        Field.COMPANY_NAME: "REQUIRED",
        Field.CONTACT_NUMBER: "PHONE_INVALID",
        Field.COMPANY_ADDRESS: "COUNTRY_UNKNOWN",
        Field.REFERENCE: "TOO_LONG",
    }
    assert found.unread[Field.COMPANY_ADDRESS].pointer == "/company_address/country"
    assert found.values.contact_number == "ring Ann"
    assert found.values.company_address == Address("14 Wharf St", country="Atlantis")


def test_a_field_without_a_policy_has_the_default() -> None:
    assert all_policies({Field.REFERENCE: Policy.PSA}) == {
        Field.COMPANY_NAME: DEFAULT,
        Field.CONTACT_NUMBER: DEFAULT,
        Field.COMPANY_ADDRESS: DEFAULT,
        Field.REFERENCE: Policy.PSA,
    }
