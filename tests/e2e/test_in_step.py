"""Both directions of a linked customer over the whole system: an edit here reaches the PSA, one there comes here."""

import pytest

from shared.contracts.topics import CUSTOMERS, PSA
from tests.component.partner import Partner, until
from tests.component.records import Reader
from tests.e2e.conftest import NewPartner, System
from tests.e2e.linked import Integrated
from tests.providers import PROVIDERS, Provider

pytestmark = pytest.mark.embedded
HERE, THERE = "Réné & Zonen 🐳", "Łódź Drukarnia Ø"


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.name)
async def test_what_is_edited_on_one_side_arrives_on_the_other_and_is_said(
    system: System, partner: Partner, new_partner: NewPartner, provider: Provider
) -> None:
    servers, psa = system.endpoints["kafka"], Integrated(system, partner, provider)
    await psa.connects()
    linked = await psa.imports(str(provider.first_id))
    await psa.points_webhooks()
    async with Reader(servers, PSA.name) as said, Reader(servers, CUSTOMERS.name) as customers:
        await psa.edits_here(linked, company_name=HERE)
        await psa.until_there_is(linked, company_name=HERE)
        pushed = await said.until_said(linked.customer_id, "FieldsPushed")
        await psa.edits_there(linked, company_name=THERE)
        noticed = await said.until_said(linked.customer_id, "AccountChanged")
        updated = await customers.until_said(linked.customer_id, "CustomerUpdated", times=2)

    assert pushed[-1][1]["fields"] == {"company_name": HERE}
    assert noticed[-1][1]["changes"] == {"company_name": {"from": HERE, "to": THERE}}
    assert [data["customer"]["company_name"] for name, data in updated if name == "CustomerUpdated"] == [HERE, THERE]
    assert [data["source"] for name, data in updated if name == "CustomerUpdated"] == ["portal", "psa"]

    async def was_taken() -> bool:
        return await psa.webhooks() == [[200]]

    await until(was_taken)
    stranger = Integrated(system, await new_partner(), provider)
    assert (await stranger.asks("GET", f"/links/{linked.customer_id}")).status_code == 404
    assert (await stranger.asks("POST", f"/links/{linked.customer_id}/fields/company_name/undo")).status_code == 404
    assert (await stranger.asks("GET", "/conflicts")).json()["items"] == []
