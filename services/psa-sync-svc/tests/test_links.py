"""What is linked is known from customer events, by version, whichever of them are seen."""

from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from psa_sync_svc.aggregates import LINK
from psa_sync_svc.domain.knowing import know
from psa_sync_svc.domain.link import Link, LinkedAccount, Provenance, Source
from psa_sync_svc.domain.values import Values
from shared.contracts import customers
from shared.contracts.topics import CUSTOMERS

INTEGRATION = str(uuid4())


def told(event: type[customers.CustomerEvent], customer_id: str, version: int, *, linked: bool, **more: Any) -> Any:
    link = {"integration_id": INTEGRATION, "account_id": "4711", "reference": "AT-1", "link_version": 1}
    customer = {
        "customer_id": customer_id,
        "partner_id": "harbour-it",
        "version": version,
        "status": more.pop("status", "active"),
        "company_name": more.pop("company_name", "Wattle"),
        "contact_number": "+61895550142",
        "company_address": {"line1": "14 Wharf Street", "country": "AU"},
        "integration": link if linked else None,
        "created_at": "2026-07-01T00:00:00Z",
        "updated_at": "2026-07-01T00:00:00Z",
    }
    return event.model_validate({"customer": customer, **more})


async def link_of(service: Any, customer_id: str) -> Any:
    return await service.engine.read(LINK, customer_id)


async def test_a_customer_that_was_never_linked_leaves_no_trace(service: Any) -> None:
    created = told(customers.CustomerCreated, str(uuid4()), 1, linked=False, source="manual")

    await service.hear(CUSTOMERS, created)

    assert await service.store.find("links", {}) == []


async def test_an_import_leaves_both_sides_alike_and_a_later_change_is_ours_alone(service: Any) -> None:
    id = str(uuid4())
    await service.hear(CUSTOMERS, told(customers.CustomerCreated, id, 1, linked=True, source="import"))
    renamed = told(
        customers.CustomerUpdated, id, 2, linked=True, company_name="Tide", changed=["company_name"], source="portal"
    )

    await service.hear(CUSTOMERS, renamed)

    link = await link_of(service, id)
    assert link.account == LinkedAccount(INTEGRATION, "4711", 1)
    assert (link.ours.company_name, link.base.company_name) == ("Tide", "Wattle")
    assert link.base.contact_number == "+61895550142"
    assert link.base.reference == "AT-1"


async def test_any_event_of_the_importing_version_may_tell_that_it_was_an_import(service: Any) -> None:
    id = str(uuid4())
    await service.hear(CUSTOMERS, told(customers.EmailMissing, id, 1, linked=True, reason="never_set"))
    assert (await link_of(service, id)).base is None

    await service.hear(CUSTOMERS, told(customers.CustomerImported, id, 1, linked=True, request_id="r", created=True))

    assert (await link_of(service, id)).base is not None


async def test_a_link_by_hand_was_never_compared(service: Any) -> None:
    id = str(uuid4())

    await service.hear(CUSTOMERS, told(customers.CustomerLinked, id, 2, linked=True))
    await service.hear(CUSTOMERS, told(customers.CustomerImported, id, 2, linked=True, request_id="r", created=False))

    assert (await link_of(service, id)).base is None


async def test_a_link_ends_with_the_unlinking_and_with_the_archiving_and_is_counted_while_it_lasts(
    service: Any,
) -> None:
    unlinked, archived, linked = (str(uuid4()) for _ in range(3))
    for id in (unlinked, archived, linked):
        await service.hear(CUSTOMERS, told(customers.CustomerLinked, id, 1, linked=True))

    await service.hear(CUSTOMERS, told(customers.CustomerUnlinked, unlinked, 2, linked=False))
    await service.hear(CUSTOMERS, told(customers.CustomerArchived, archived, 2, linked=True, status="archived"))

    assert (await link_of(service, unlinked)).account is None
    assert (await link_of(service, archived)).account is None
    assert await service.store.count("links", {"partner_id": "harbour-it", "q.integration": INTEGRATION}) == 1


def a_link(version: int, linked: bool) -> Link:
    account = LinkedAccount(INTEGRATION, "4711", 1) if linked else None
    return Link("c1", "harbour-it", version, account, Values(f"name {version}"))


@given(
    st.lists(st.tuples(st.integers(1, 6), st.booleans()), max_size=30), st.lists(st.booleans(), min_size=6, max_size=6)
)
def test_whatever_comes_again_or_late_the_newest_version_counts(
    seen: list[tuple[int, bool]], linked: list[bool]
) -> None:
    """Once the first linked version was seen; what never was linked is not kept."""
    link: Link | None = None
    newest = 0
    for version, imported in seen:
        origin = Provenance(Source.IMPORT if imported else Source.PORTAL, None, "2026-07-01T00:00:00Z")
        link = know(link, a_link(version, linked[version - 1]), origin, {}, origin.at).state
        newest = max(newest, version) if link is not None else 0

        assert (0 if link is None else link.customer_version) == newest
        if link is not None:
            assert (link.account is not None) == linked[newest - 1]
            assert link.account is not None or link.base is None
