"""A customer and its account in a simulated PSA are kept in step: psa-sync-svc and customer-svc as processes."""

from collections.abc import Iterator

import pytest

from embedded.stack import Stack
from tests.component.both_sides import QUICK, BothSides
from tests.component.psa_desk import Desk, Heard, Importer, a_desk
from tests.providers import PROVIDERS, Provider

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def desk(stack: Stack, servers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with a_desk(stack, tmp_path_factory.mktemp("desk"), **QUICK) as desk:
        yield desk


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.name)
async def test_what_is_edited_on_one_side_arrives_on_the_other(
    importer: Importer, heard: Heard, provider: Provider
) -> None:
    sides = await BothSides.of(importer, provider)
    linked = await sides.imports(heard, str(provider.first_id))

    await sides.edits_here(linked, company_name="Réné & Zonen 🐳", reference="HERE-1")
    await sides.until_both_have(linked, company_name="Réné & Zonen 🐳", reference="HERE-1")
    await sides.edits_there(linked, company_name="Łódź Drukarnia Ø", reference=None)
    await sides.until_both_have(linked, company_name="Łódź Drukarnia Ø", reference=None)

    link = await sides.until_link_is(linked, "in_step")
    origins = {name: field["origin"]["source"] for name, field in link["fields"].items()}
    assert (origins["company_name"], origins["company_address"]) == ("psa", "import")
    assert link["fields"]["company_name"]["last_sync"]["previous"] == "Réné & Zonen 🐳"


async def test_both_at_once_follow_the_policy_of_the_field(importer: Importer, heard: Heard) -> None:
    (autotask, *_) = PROVIDERS
    sides = await BothSides.of(importer, autotask, company_name="portal", reference="psa")
    linked = await sides.imports(heard, str(autotask.first_id + 7))

    await sides.edits_there(linked, company_name="Theirs", reference="THERE-1")
    await sides.edits_here(linked, company_name="Ours", reference="HERE-1")

    await sides.until_both_have(linked, company_name="Ours", reference="THERE-1")


async def test_a_conflict_waits_for_a_person_and_what_is_chosen_goes_to_both_and_can_be_undone(
    importer: Importer, heard: Heard
) -> None:
    (autotask, *_) = PROVIDERS
    sides = await BothSides.of(importer, autotask)
    linked = await sides.imports(heard, str(autotask.first_id + 14))
    before = (await sides.here(linked))["reference"]
    await sides.edits_there(linked, company_name="Theirs", reference="THERE-1")
    await sides.edits_here(linked, company_name="Ours")
    await sides.until_both_have(linked, reference="THERE-1")
    await sides.until_link_is(linked, "conflict")

    (conflict,) = (await importer.asks("GET", "/conflicts?status=open")).json()["items"]
    assert (conflict["field"], conflict["ours"], conflict["theirs"]) == ("company_name", "Ours", "Theirs")
    choice = {"choose": "value", "value": "Agreed"}
    chosen = await importer.asks("POST", f"/conflicts/{conflict['conflict_id']}/resolve", choice)
    undone = await importer.asks("POST", f"/links/{linked.customer_id}/fields/reference/undo")

    assert (chosen.status_code, undone.status_code) == (200, 200)
    await sides.until_both_have(linked, company_name="Agreed", reference=before)
    assert (await importer.asks("GET", "/conflicts?status=open")).json()["items"] == []
    assert (await sides.until_link_is(linked, "in_step"))["fields"]["reference"]["origin"]["source"] == "undo"
