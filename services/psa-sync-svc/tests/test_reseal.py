"""After a change of keys the old one is soon not needed any more."""

import os
from typing import Any

from psa_sync_svc.adapters.vault import KeyVault
from psa_sync_svc.workers.reseal import Reseal
from psa_sync_svc.workers.vault import Owner
from shared.engine.leases import Leases


async def test_all_credentials_are_sealed_with_the_newest_key_once(service: Any) -> None:
    made = await service.integrated()
    owner = Owner(made.partner_id, made.integration_id)
    known = service.vault.unseal(owner, made.credentials)
    new = os.urandom(32)
    sweep = Reseal(service.engine, Leases(service.store), KeyVault(new, *service.settings.keys))

    assert [await sweep.step() for _ in range(2)] == [1, 0]

    after = await service.integration(made.integration_id)
    assert KeyVault(new).unseal(owner, after.credentials) == known
    assert after.connection == made.connection


async def test_credentials_that_nobody_can_read_do_not_stop_the_others(service: Any) -> None:
    lost, fine = await service.integrated(), await service.integrated()
    await service.store.update_if("integrations", lost.integration_id, {}, {"$set": {"state.credentials.text": "AAAA"}})
    new = os.urandom(32)

    assert await Reseal(service.engine, Leases(service.store), KeyVault(new, *service.settings.keys)).step() == 1

    assert (await service.integration(fine.integration_id)).credentials != fine.credentials
    assert (await service.integration(lost.integration_id)).credentials.text == "AAAA"


async def test_a_key_that_this_process_does_not_have_yet_is_waited_for(service: Any, clock: Any) -> None:
    """While keys are changed another instance may have sealed with a key that this one gets with its restart."""
    made = await service.integrated()
    await service.work()
    service.has()
    owner, new = Owner(made.partner_id, made.integration_id), os.urandom(32)
    known = service.vault.unseal(owner, made.credentials)
    await Reseal(service.engine, Leases(service.store), KeyVault(new, *service.settings.keys)).step()

    await service.command(service.importing(made))
    await service.work()
    assert service.refusals() == []
    service.asking.vault = KeyVault(new, *service.settings.keys)
    clock.pass_(seconds=10)
    await service.work()

    assert len(service.answers()) == 1
    assert service.asking.vault.unseal(owner, (await service.integration(made.integration_id)).credentials) == known


async def test_an_integration_whose_credentials_cannot_be_read_says_so_when_it_is_called(service: Any) -> None:
    made = await service.integrated()
    await service.store.update_if("integrations", made.integration_id, {}, {"$set": {"state.credentials.text": "AAAA"}})

    await service.command(service.importing(made))
    await service.work()

    assert [(each["code"], "credentials" in each["detail"]) for each in service.refusals()] == [("INVALID", True)]
    assert service.psa.calls == []
