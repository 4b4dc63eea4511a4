"""One account, one customer, whatever comes between."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_svc.aggregates import CLAIM, CUSTOMER, claim_id
from customer_svc.domain.claim import Claim, Taker, mend, propose, settle, take
from customer_svc.domain.customer import Account, Customer, Integration
from customer_svc.domain.facts import CustomerFact
from customer_svc.workers import claims
from customer_svc.workers.claims import ClaimSweep
from shared.engine.change import Change, Meta
from shared.engine.decision import Decision, Refused
from shared.engine.leases import Leases

ACCOUNT = Account("i1", "4711")
LINKED = Customer("c1", "p1", "Harbour", integration=Integration("i1", "4711", 1))
UNLINKED = replace(LINKED, integration=None)


def taker(by: str, at: str = "2026-07-01T00:00:00Z") -> Taker:
    return Taker(by, at)


def test_a_free_account_is_taken_and_kept_once_the_customer_is_linked() -> None:
    taken = take(None, ACCOUNT, customer_id="c1", taker=taker("m1")).state

    settled = settle(taken, ACCOUNT, customer_id="c1", customer=LINKED, by="m1").state

    assert settled == Claim(ACCOUNT, "c1")


def test_a_taken_account_is_refused_to_another_and_names_the_customer() -> None:
    taken = take(None, ACCOUNT, customer_id="c1", taker=taker("m1")).state

    with pytest.raises(Refused) as refused:
        take(taken, ACCOUNT, customer_id="c2", taker=taker("m2"), at="/integration")

    assert refused.value.problems[0].pointer == "/integration/account_id"
    assert "c1" in refused.value.problems[0].detail


def test_an_import_gets_the_customer_that_has_the_account() -> None:
    taken = take(None, ACCOUNT, customer_id="c1", taker=taker("m1")).state

    assert propose(taken, ACCOUNT, customer_id="c2", taker=taker("m2")).state.customer_id == "c1"


def test_a_wish_that_came_to_nothing_leaves_the_account_free() -> None:
    taken = take(None, ACCOUNT, customer_id="c1", taker=taker("m1")).state

    assert settle(taken, ACCOUNT, customer_id="c1", customer=UNLINKED, by="m1").state.customer_id is None


def test_an_unlink_does_not_free_an_account_that_somebody_is_about_to_link() -> None:
    taken = take(Claim(ACCOUNT, "c1"), ACCOUNT, customer_id="c1", taker=taker("m2")).state

    assert settle(taken, ACCOUNT, customer_id="c1", customer=UNLINKED, by="unlink").state.customer_id == "c1"


def test_what_settles_for_one_customer_leaves_anothers_claim_alone() -> None:
    claim = Claim(ACCOUNT, "c2")

    assert settle(claim, ACCOUNT, customer_id="c1", customer=UNLINKED).state is claim


def test_takers_that_never_came_back_are_forgotten_and_fresh_ones_are_not() -> None:
    claim = Claim(ACCOUNT, "c1", (taker("old", "2026-07-01T00:00:00Z"),))
    fresh = replace(claim, takers=(taker("new", "2026-07-01T00:10:00Z"),))
    before = "2026-07-01T00:05:00Z"

    assert mend(claim, ACCOUNT, customer_id="c1", customer=UNLINKED, before=before).state == Claim(ACCOUNT)
    assert mend(fresh, ACCOUNT, customer_id="c1", customer=UNLINKED, before=before).state.takers == fresh.takers


def test_a_taker_that_has_looked_too_early_has_to_look_again() -> None:
    claim = take(Claim(ACCOUNT, "c1"), ACCOUNT, customer_id="c1", taker=taker("m2")).state

    assert settle(claim, ACCOUNT, customer_id="c1", customer=UNLINKED, by="unlink").state != claim


@given(st.lists(st.tuples(st.sampled_from(["c1", "c2", "c3"]), st.booleans()), max_size=20), st.randoms())
def test_an_account_never_has_two_customers(wishes: list[tuple[str, bool]], random: object) -> None:
    """Messages take, link or fail to, and settle, in any interleaving of the three."""
    claim: Claim | None = None
    linked: set[str] = set()
    pending: list[tuple[str, str]] = []
    for number, (customer_id, now) in enumerate(wishes):
        try:
            claim = take(claim, ACCOUNT, customer_id=customer_id, taker=taker(f"m{number}")).state
        except Refused:
            continue
        pending.append((customer_id, f"m{number}"))
        while pending and now:
            who, by = pending.pop(random.randrange(len(pending)))  # type: ignore[attr-defined]
            (linked.add if random.random() < 0.6 else linked.discard)(who)  # type: ignore[attr-defined]
            customer = replace(LINKED if who in linked else UNLINKED, customer_id=who)
            claim = settle(claim, ACCOUNT, customer_id=who, customer=customer, by=by).state
            assert len(linked) <= 1
            assert claim.customer_id in linked or not linked


def linking(customer_id: str, account: str) -> Change[Customer, CustomerFact]:
    linked = replace(LINKED, customer_id=customer_id, integration=Integration("i1", account, 1))
    return Change(CUSTOMER, customer_id, lambda _known, _reads: Decision(linked))


async def test_the_sweep_frees_a_claim_whose_customer_never_came_and_makes_the_one_that_is_missing(
    service: object,
) -> None:
    engine, store = service.engine, service.store  # type: ignore[attr-defined]
    lost, missing = Account("i1", "lost"), Account("i1", "missing")
    meta = Meta("p1", "/test", "m1", "t", datetime.now(UTC), "service:test", "corr")
    customer = replace(LINKED, integration=Integration("i1", "missing", 1))
    claim = Claim(lost, "nobody", (taker("gone"),))
    await engine.execute([Change(CLAIM, claim_id("p1", lost), lambda _s, _r: Decision(claim))], meta)
    await engine.execute([Change(CUSTOMER, "c1", lambda _s, _r: Decision(customer))], meta)

    sweep = ClaimSweep(engine, Leases(store))

    assert await sweep.step() == 2
    assert (await engine.read(CLAIM, claim_id("p1", lost))).customer_id is None
    assert (await engine.read(CLAIM, claim_id("p1", missing))).customer_id == "c1"
    assert await sweep.step() == 0


def claiming(claim: Claim) -> Change[Claim, object]:
    return Change(CLAIM, claim_id("p1", claim.account), lambda _known, _reads: Decision(claim))


@pytest.mark.parametrize("unreadable", ["claims", "customers"])
async def test_the_sweep_goes_on_past_what_cannot_be_read_and_leaves_what_belongs_to_it_alone(
    service: object, unreadable: str
) -> None:
    engine, store = service.engine, service.store  # type: ignore[attr-defined]
    lost, held = Account("i1", "lost"), Account("i1", "held")
    meta = Meta("p1", "/test", "m1", "t", datetime.now(UTC), "service:test", "corr")
    customer = replace(LINKED, integration=Integration("i1", "held", 1))
    await engine.execute([claiming(Claim(lost, "nobody")), claiming(Claim(held, "c1"))], meta)
    await engine.execute([Change(CUSTOMER, "c1", lambda _s, _r: Decision(customer))], meta)
    id = claim_id("p1", held) if unreadable == "claims" else "c1"
    await store.update_if(unreadable, id, {}, {"$set": {"state": "unreadable"}})
    before = await store.get("claims", claim_id("p1", held))

    assert await ClaimSweep(engine, Leases(store)).step() == 1

    assert (await engine.read(CLAIM, claim_id("p1", lost))).customer_id is None
    assert await store.get("claims", claim_id("p1", held)) == before


async def test_the_sweep_goes_round_in_pages_and_past_customers_that_have_one_account_together(
    service: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, store = service.engine, service.store  # type: ignore[attr-defined]
    monkeypatch.setattr(claims, "PAGE", 2)
    for number, account in enumerate(("a", "b", "b", "b", "c")):
        meta = Meta("p1", "/test", f"m{number}", "t", datetime.now(UTC), "service:test", "corr")
        await engine.execute([linking(f"c{number}", account)], meta)

    sweep = ClaimSweep(engine, Leases(store))
    for _ in range(6):
        await sweep.step()

    made = {account: await engine.read(CLAIM, claim_id("p1", Account("i1", account))) for account in "abc"}
    assert {account: claim is not None for account, claim in made.items()} == {"a": True, "b": True, "c": True}
