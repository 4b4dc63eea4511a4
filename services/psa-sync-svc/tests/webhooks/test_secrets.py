"""The secret of an integration's webhooks: shown once, sealed at rest, and in no log."""

import json
import logging
import os
from typing import Any

import httpx
import pytest

from psa_sync_svc.adapters.vault import KeyVault
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.workers.reseal import Reseal
from psa_sync_svc.workers.vault import Owner
from shared.engine.leases import Leases

from .sending import at, event, everything, problems, secret_of, signed

THEIRS = {"x-partner": "tide-telecom"}


async def test_a_secret_is_shown_once_and_another_takes_its_place(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    path = f"/v1/integrations/{autotask.integration_id}"
    first = await secret_of(http, autotask)
    shown = (await http.get(path)).json()
    second = await secret_of(http, autotask)
    body = event()

    old = await http.post(at(autotask), content=body, headers=signed(first, body))
    new = await http.post(at(autotask), content=body, headers=signed(second, body))

    assert (old.status_code, new.status_code) == (401, 200)
    assert len(second) == 43
    assert shown["webhook"].keys() == {"secret_made_at", "stopped_at"}
    stored = json.dumps(await everything(service), default=repr)
    assert first not in stored + json.dumps(shown)
    assert second not in stored


async def test_a_repeated_request_for_a_secret_is_answered_with_what_it_made(
    http: httpx.AsyncClient, autotask: Integration
) -> None:
    path, key = f"/v1/integrations/{autotask.integration_id}/webhook-secret", {"Idempotency-Key": "k1"}

    first, again = [await http.post(path, headers=key) for _ in range(2)]

    assert first.json() == again.json()


async def test_a_secret_is_given_to_the_partner_only_and_where_there_is_one(
    http: httpx.AsyncClient, autotask: Integration, connectwise: Integration
) -> None:
    theirs = await http.post(f"/v1/integrations/{autotask.integration_id}/webhook-secret", headers=THEIRS)
    none = await http.post(f"/v1/integrations/{connectwise.integration_id}/webhook-secret")

    assert (theirs.status_code, none.status_code, problems(none)) == (404, 422, ["NOT_NEEDED"])


async def test_no_log_shows_a_secret_or_what_was_sent(
    http: httpx.AsyncClient,
    autotask: Integration,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    secret, body = await secret_of(http, autotask), event(Fields={"companyName": "Nobody may read this"})

    for headers in (signed(secret, body), signed("wrong-secret-sent", body), {"Authorization": f"Bearer {secret}"}):
        await http.post(at(autotask), content=body, headers=headers)

    told = caplog.text + "".join(capsys.readouterr())
    assert "webhook refused" in told
    assert secret not in told
    assert "Nobody may read" not in told


async def test_a_change_of_keys_seals_the_secret_anew(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)
    new = os.urandom(32)
    sweep = Reseal(service.engine, Leases(service.store), KeyVault(new, *service.settings.keys))

    steps = [await sweep.step() for _ in range(2)]

    after = await service.integration(autotask.integration_id)
    owner = Owner(after.partner_id, after.integration_id)
    assert steps == [1, 0]
    assert secret in KeyVault(new).unseal(owner, after.webhook.secret).values()
    assert after.connection == autotask.connection


async def test_a_secret_under_a_key_that_this_process_has_not_yet_is_waited_for(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret, body = await secret_of(http, autotask), event()
    await Reseal(service.engine, Leases(service.store), KeyVault(os.urandom(32), *service.settings.keys)).step()

    answer = await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
