"""Webhooks of the simulated PSAs, sent to psa-sync-svc as a process: where no poll is due for long, they are enough."""

from collections.abc import Iterator

import pytest

from embedded.stack import Stack
from tests.component.both_sides import BothSides
from tests.component.partner import until
from tests.component.process import ready
from tests.component.psa_desk import Desk, Heard, Importer, a_desk
from tests.providers import PROVIDERS, Provider

pytestmark = pytest.mark.embedded
SELDOM = {"PSA__POLL_FASTEST_S": "3600", "PSA__POLL_SLOWEST_S": "3600"}


@pytest.fixture(scope="module")
def desk(stack: Stack, servers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with a_desk(stack, tmp_path_factory.mktemp("desk"), **SELDOM) as desk:
        yield desk


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.name)
async def test_an_edit_there_arrives_by_its_webhook_alone(importer: Importer, heard: Heard, provider: Provider) -> None:
    sides = await BothSides.of(importer, provider)
    linked = await sides.imports(heard, str(provider.first_id))
    await sides.until_link_is(linked, "in_step")
    await sides.points_webhooks()

    await sides.edits_there(linked, company_name="Łódź & Søn 'Ø' 🐳")

    await sides.until_both_have(linked, company_name="Łódź & Søn 'Ø' 🐳")
    await sides.until_webhooks_were_answered([200])


async def test_an_edit_of_ours_comes_back_as_a_webhook_and_goes_no_further(importer: Importer, heard: Heard) -> None:
    (_, connectwise, _) = PROVIDERS
    sides = await BothSides.of(importer, connectwise)
    linked = await sides.imports(heard, str(connectwise.first_id + 3))
    await sides.until_link_is(linked, "in_step")
    await sides.points_webhooks(own_changes=True)

    await sides.edits_here(linked, company_name="From here")
    await sides.until_both_have(linked, company_name="From here")
    await sides.edits_there(linked, company_name="From there")
    await sides.until_both_have(linked, company_name="From there")

    await sides.until_webhooks_were_answered([200], [200])
    assert (await sides.until_link_is(linked, "in_step"))["fields"]["company_name"]["origin"]["source"] == "psa"


async def test_a_service_that_was_dead_gets_what_its_psa_sends_again(
    importer: Importer, heard: Heard, desk: Desk
) -> None:
    (autotask, *_) = PROVIDERS
    sides = await BothSides.of(importer, autotask)
    linked = await sides.imports(heard, str(autotask.first_id + 7))
    await sides.until_link_is(linked, "in_step")
    await sides.points_webhooks(attempts=100)
    desk.psa.kill()
    await sides.edits_there(linked, company_name="While nobody was there")

    async def tried() -> bool:
        return any(0 in each["statuses"] for each in await sides.webhooks())

    await until(tried)
    desk.psa.launch()
    await ready(desk.psa)

    await sides.until_both_have(linked, company_name="While nobody was there")
    assert [each["statuses"][-1] for each in await sides.webhooks()] == [200]
