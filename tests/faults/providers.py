"""What the stories need of each simulated PSA beside what all tests know of it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from embedded.autotask.samples import OWNERS


def _of_autotask(number: int) -> dict[str, Any]:
    return {"companyType": 1, "ownerResourceID": next(iter(OWNERS))}


def _of_connectwise(number: int) -> dict[str, Any]:
    """It takes none without some part of an address."""
    return {"identifier": f"f{number}", "status": {"id": 1}, "city": "Leiden"}


def _of_halopsa(number: int) -> dict[str, Any]:
    return {"toplevel_id": 1}


NEW: Final[Mapping[str, Callable[[int], dict[str, Any]]]] = {
    "autotask": _of_autotask,
    "connectwise": _of_connectwise,
    "halopsa": _of_halopsa,
}
"""What a new company has to have beside our fields."""


async def take_plenty(client: httpx.AsyncClient, simulated_halopsa: str) -> None:
    """Its own 300 requests in five minutes would keep everybody waiting. It forgets this when it is killed."""
    (await client.put(f"{simulated_halopsa}/limits", json={"requests": 100_000})).raise_for_status()
