"""Bad answers and wrong credentials through the whole service: told with a reason, nothing lost, no credential told."""

import json
import logging
from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from psa_sync_svc.domain.integration import Edit, Integration
from psa_sync_svc.handlers import change_integration, mirroring
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.vault import Owner
from shared.contracts.topics import ANSWERS, PSA

from .providers import PARTNER

Codes = tuple[str, ...]
ELSEWHERE: Final = "the other host"
HOSTILE: Final[Mapping[str, tuple[Mapping[str, Any], Codes]]] = {
    "an error page": ({"status": {"code": 500, "shape": "html"}}, ("UNAVAILABLE",)),
    "a page for people": ({"broken": {"kind": "html"}}, ("UNAVAILABLE",)),
    "half of the JSON": ({"broken": {"kind": "truncated"}}, ("UNAVAILABLE",)),
    "JSON of something else": ({"broken": {"kind": "other_shape"}}, ("INVALID",)),
    "a page elsewhere": ({"broken": {"kind": "other_link", "link": ELSEWHERE}}, ("INVALID",)),
    "a redirect elsewhere": (
        {"status": {"code": 307, "shape": "empty", "location": ELSEWHERE}},
        ("INVALID", "UNAVAILABLE"),
    ),
    "a refusal": ({"status": {"code": 401, "shape": "html"}}, ("AUTH_FAILED",)),
}


class Case:
    """One integration of a provider whose list was read, and everything that is told of it from then on."""

    def __init__(self, service: Any, provider: Any, simulator: Any, integration: Integration, app: FastAPI) -> None:
        self.service, self.provider, self.simulator, self.integration = service, provider, simulator, integration
        self._app = app
        self._answers: list[str] = []

    def is_hostile(self, fault: Mapping[str, Any], elsewhere: str) -> None:
        text = json.dumps(fault).replace(ELSEWHERE, f"{elsewhere}/x")
        endpoint = self.provider.naming if "other_link" in text else self.provider.endpoint
        [(kind, given)] = json.loads(text).items()
        self.simulator.fails(**{kind: {**given, "endpoint": endpoint}})

    async def has(self, **credentials: str) -> None:
        """Given by a person, with the address."""
        given = {**self.provider.credentials, **credentials}
        sealed = self.service.vault.seal(Owner(PARTNER, self.integration.integration_id), given)
        edit: Edit = {"base_url": self.simulator.url, "credentials": sealed}
        changes = change_integration.edit(self.integration.integration_id, edit, expected_version=None)
        await self.service.engine.execute(changes, work_meta(PARTNER, "test"))

    async def asks(self, request_id: str) -> None:
        """For the list, and an import."""
        integration = await self.service.integration(self.integration.integration_id)
        await self.service.engine.execute([mirroring.wanting(integration)], work_meta(PARTNER, "test"))
        await self.asks_for_one(request_id)
        await self.service.work()

    async def asks_for_one(self, request_id: str) -> None:
        await self.service.command(self.service.importing(self.integration, self.provider.known, request_id=request_id))
        await self.service.workers["fetch"].drain()

    async def listed(self) -> set[str]:
        return {doc["_id"] for doc in await self.service.store.find("accounts", {"gone": False})}

    async def status(self) -> dict[str, Any]:
        return await self._get(f"/v1/integrations/{self.integration.integration_id}/status")

    async def import_(self, request_id: str) -> dict[str, Any]:
        return await self._get(f"/v1/imports/{request_id}")

    async def _get(self, path: str) -> dict[str, Any]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://psa") as http:
            answer = (await http.get(path)).raise_for_status()
        self._answers.append(answer.text)
        found: dict[str, Any] = answer.json()
        return found

    def told(self) -> str:
        """All that was said on topics and answered over HTTP."""
        return repr([self.service.said(PSA), self.service.said(ANSWERS), self._answers])

    def hidden(self, *more: str) -> tuple[str, ...]:
        return (*(self.provider.credentials[name] for name in self.provider.secrets), "Basic ", "Bearer ", *more)


@pytest.fixture
def case(service: Any, provider: Any, simulator: Any, integration: Integration, app: FastAPI) -> Case:
    return Case(service, provider, simulator, integration, app)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Any:
    for logger in (None, "httpx", "httpcore"):  # whatever another test has set them to
        caplog.set_level(logging.DEBUG, logger=logger)
    return lambda: caplog.text + "".join(capsys.readouterr())


async def test_a_bad_answer_is_told_with_its_reason_and_once_it_is_over_nothing_is_missing(
    case: Case, elsewhere: Any, logged: Any, clock: Any
) -> None:
    """One after the other at one integration, whose list is read whole before the first and after the last."""
    before, earlier = await case.listed(), None
    for answer, (fault, codes) in HOSTILE.items():
        if "other_link" in repr(fault) and case.provider.naming != case.provider.endpoint:
            continue  # an address that is remembered once it was told: see what the clients promise of it
        case.is_hostile(fault, elsewhere.url)

        await case.asks(f"during {answer}")

        trouble = (await case.status())["account_list"]["trouble"]
        during = await case.import_(f"during {answer}")
        assert (trouble["code"] in codes, trouble != earlier, len(trouble["detail"]) > 10) == (True,) * 3, answer
        assert during["status"] != "refused" or during["code"] in codes, answer
        assert await case.listed() == before, answer

        case.simulator.forget()
        await case.has()
        clock.pass_(seconds=1_000)
        await case.asks_for_one(f"after {answer}")

        assert (await case.import_(f"after {answer}"))["status"] == "answered", answer
        assert (await case.import_(f"during {answer}"))["status"] in ("answered", "refused"), answer
        earlier = trouble
    await case.service.work()

    assert (await case.status())["account_list"]["trouble"] is None
    assert await case.listed() == before
    assert not elsewhere.was_called()
    text = logged() + case.told()
    assert not [each for each in case.hidden() if each in text]


async def test_each_wrong_credential_is_told_as_such_and_sent_once_and_is_in_nothing_that_is_told(
    case: Case, logged: Any, clock: Any
) -> None:
    """A wrong user, company or tenant is a wrong zone, codebase or address of tokens too."""
    before = await case.listed()
    for name in case.provider.credentials:
        await case.has(**{name: f"wr0ng-{name}"})
        case.simulator.forget()

        await case.asks(f"with a wrong {name}")
        clock.pass_(seconds=1_000)
        await case.service.work()

        refused = await case.import_(f"with a wrong {name}")
        assert (refused["status"], refused["code"], (await case.status())["status"]) == (
            "refused",
            "AUTH_FAILED",
            "auth_failed",
        )
        assert len([call for call in case.simulator.calls() if call["credentials"]]) <= 1
        assert await case.listed() == before
    await case.has()
    await case.asks_for_one("with the right ones")

    assert (await case.import_("with the right ones"))["status"] == "answered"
    text = logged() + case.told()
    wrong = (f"wr0ng-{name}" for name in case.provider.secrets)
    assert not [each for each in case.hidden(*wrong) if each in text]
