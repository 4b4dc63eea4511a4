"""A PSA that says it has stopped sending is shown as that, and only who knows the address can say so."""

from typing import Any

import httpx

from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.workers.hearing import stop_token

from .sending import at, event, everything, secret_of, signed


async def test_a_notice_that_the_psa_has_stopped_is_shown_until_it_sends_again(
    http: httpx.AsyncClient, autotask: Integration
) -> None:
    path = f"/v1/integrations/{autotask.integration_id}"
    made = (await http.post(f"{path}/webhook-secret")).json()

    stopped = await http.post(made["stopped_path"], content=b'{"Action": "Deactivated"}')
    during = (await http.get(path)).json()["webhook"]["stopped_at"]
    body = event()
    await http.post(made["path"], content=body, headers=signed(made["secret"], body))
    after = (await http.get(path)).json()["webhook"]["stopped_at"]

    assert stopped.status_code == 200
    assert during is not None
    assert after is None


async def test_only_who_knows_the_address_can_say_that_it_has_stopped(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)
    before = await everything(service)

    tokens = ("x" * 24, secret[:24], stop_token("another"))
    guesses = [await http.post(at(autotask, f"/stopped/{token}")) for token in tokens]
    unsigned = await http.post(at(autotask), content=event(Action="Deactivated"))

    assert [answer.status_code for answer in (*guesses, unsigned)] == [401] * 4
    assert await everything(service) == before


async def test_a_signed_notice_that_it_has_stopped_counts_as_well(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret, body = await secret_of(http, autotask), event(Action="Deactivated")

    await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert (await service.integration(autotask.integration_id)).webhook.stopped_at is not None
