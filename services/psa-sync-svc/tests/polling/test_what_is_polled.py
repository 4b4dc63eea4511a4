"""An integration is polled as long as a customer is linked by it."""

from typing import Any
from uuid import uuid4

from shared.contracts.topics import CUSTOMERS

from .watching import linked_customer, next_poll, stamp, watched


async def test_a_deleted_integration_is_polled_no_more(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")

    await service.removed(integration)
    await service.work()
    service.psa.calls.clear()
    await next_poll(service, clock)

    assert service.psa.calls == []
    assert await service.open_work() == {}


async def test_where_nobody_is_linked_nothing_is_polled(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))

    integration, _ = await watched(service)
    await next_poll(service, clock)

    assert service.psa.calls == ["page"]
    assert (await service.watch(integration)).watching is False


async def test_when_the_last_link_ends_polling_ends_and_begins_again_with_the_next(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, ids = await watched(service, "4711")
    await service.hear(CUSTOMERS, linked_customer(integration, None, 2, ids["4711"]))
    for _ in range(2):
        await next_poll(service, clock)
    assert (await service.watch(integration)).watching is False
    service.psa.calls.clear()

    await service.hear(CUSTOMERS, linked_customer(integration, "4711", 3, ids["4711"]))
    await next_poll(service, clock)

    assert service.psa.calls == ["poll"]


async def test_a_link_that_is_made_while_the_last_was_found_ended_is_not_forgotten(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, ids = await watched(service, "4711")
    await service.hear(CUSTOMERS, linked_customer(integration, None, 2, ids["4711"]))
    await next_poll(service, clock)

    await service.hear(CUSTOMERS, linked_customer(integration, "4711"))
    await next_poll(service, clock)
    await next_poll(service, clock)

    assert (await service.watch(integration)).watching is True


async def test_a_link_that_names_nothing_or_anothers_integration_polls_nothing(service: Any, clock: Any) -> None:
    theirs = await service.integrated("tide-telecom")
    await service.work()
    service.psa.calls.clear()

    for named in (theirs, str(uuid4())):
        await service.hear(CUSTOMERS, linked_customer(named, "4711"))
    await next_poll(service, clock)

    assert service.psa.calls == []
    assert len(await service.store.find("links", {})) == 2
