"""Requests of every kind that an OpenAPI document allows, and of kinds that it forbids, to an application in memory."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import httpx
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES: Final = 10
"""For each route, and as many that break its schema."""
ROUNDS: Final = 20
"""Of examples, at the most, until one is taken: what is generated depends on what other tests left in the libraries."""
_CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_URL: Final = "http://service"
TAKEN: Final = frozenset({200, 201, 202, 204})
"""The statuses of a request that had its effect."""

Known = Mapping[str, Sequence[str]]
"""Ids of what is there and values that are no guess, by the name that paths and bodies have for them."""


def ask_everything(app: FastAPI, runner: asyncio.Runner, known: Callable[[], Known]) -> dict[str, Counter[int]]:
    """Fails at the first answer that is a fault of ours or not as documented; answers each route's statuses.

    `known` is asked before each route: the one before may have spent what there was.
    """
    found: dict[str, Counter[int]] = {}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url=_URL)
    for route in schemathesis.openapi.from_dict(app.openapi()).get_all_operations():
        assert isinstance(route, Ok), route
        operation = route.ok()
        statuses = found[f"{operation.method.upper()} {operation.path}"] = Counter()
        _ask(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), client, runner, known(), statuses)
        for number in range(ROUNDS):
            cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
            _ask(cases, client, runner, known(), statuses, number=number)
            if statuses.keys() & TAKEN:
                break
    runner.run(client.aclose())
    return found


def _ask(
    cases: st.SearchStrategy[Case[Any]],
    client: httpx.AsyncClient,
    runner: asyncio.Runner,
    known: Known,
    statuses: Counter[int],
    *,
    number: int = 0,
) -> None:
    chosen = st.fixed_dictionaries({name: st.sampled_from([None, *values]) for name, values in known.items()})

    @seed(number)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases, chosen=chosen)
    def ask(case: Case[Any], chosen: dict[str, str | None]) -> None:
        case.path_parameters, case.body = _named(case.path_parameters, chosen), _named(case.body, chosen)
        answer = runner.run(client.request(**_request(case)))
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=_CHECKS)

    ask()


def _request(case: Case[Any]) -> dict[str, Any]:
    """What httpx is to send: schemathesis speaks to `requests`, which has another name for a body of bytes."""
    found = case.as_transport_kwargs(base_url=_URL)
    del found["cookies"]
    if isinstance(found.get("data"), bytes):
        found["content"] = found.pop("data")
    return found


def _named(part: Any, values: Mapping[str, str | None]) -> Any:
    """With what is there, and what can be, where the case would ask about nothing."""
    if isinstance(part, list):
        return [_named(each, values) for each in part]
    if isinstance(part, dict):
        return {name: values.get(name) or _named(each, values) for name, each in part.items()}
    return part
