"""The API's addresses: which verb does what where, and 405 or 404 for the rest."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from embedded.connectwise import reading, writing
from embedded.connectwise.answers import Answer, ApiRefusal, not_allowed, not_found, refused
from embedded.connectwise.reading import Request
from embedded.connectwise.shown import shown
from embedded.connectwise.store import Companies, Row

Act = Callable[[Request], Answer]


class Rest:
    """Carries one request out, at once and whole: nothing else happens in between."""

    def __init__(self, companies: Companies) -> None:
        self._companies = companies

    def answer(self, request: Request) -> Answer:
        try:
            acts = self._acts(request.path)
            if not acts:
                raise not_found("The resource")
            if request.method not in acts:
                raise not_allowed(request.method)
            return acts[request.method](request)
        except ApiRefusal as refusal:
            return refusal.answer

    def _acts(self, path: tuple[str, ...]) -> Mapping[str, Act]:
        companies = self._companies
        if path[:2] == ("company", "companies") and len(path) == 3 and path[2].isdecimal():
            number = int(path[2])
            return {
                "GET": lambda _: reading.one(companies, number),
                "PATCH": lambda request: self._patch(number, request),
            }
        return {
            ("company", "companies"): {
                "GET": lambda request: reading.companies(companies, request),
                "POST": self._create,
            },
            ("company", "companies", "search"): {"POST": self._search},
            ("company", "companies", "count"): {"GET": lambda request: reading.count(companies, request)},
            ("company", "companies", "statuses"): {"GET": reading.statuses},
            ("company", "countries"): {"GET": reading.countries},
            ("system", "info"): {"GET": lambda _: Answer({"version": "v2025.1", "isCloud": True})},
        }.get(path, {})

    def _search(self, request: Request) -> Answer:
        """For conditions that are too long for an address."""
        given = _object(request)
        asked = {name: str(given[name]) for name in ("conditions", "orderBy") if given.get(name)}
        return reading.companies(self._companies, replace(request, query={**request.query, **asked}))

    def _create(self, request: Request) -> Answer:
        row = writing.created(_object(request), self._companies)
        self._companies.save(row)
        return Answer(shown(row), HTTPStatus.CREATED)

    def _patch(self, number: int, request: Request) -> Answer:
        row = writing.patched(self._known(number), _body(request), self._companies)
        self._companies.save(row)
        return Answer(shown(row))

    def _known(self, number: int) -> Row:
        found = self._companies.get(number)
        if found is None:
            raise not_found(f"Company {number}")
        return found


def _object(request: Request) -> Mapping[str, Any]:
    given = _body(request)
    if not isinstance(given, Mapping):
        raise refused("InvalidObject", "company object is invalid")
    return given


def _body(request: Request) -> Any:
    """Bad JSON is an error of the server's there: 500."""
    try:
        return json.loads(request.body)
    except ValueError as error:
        text = "Error converting value. Path '', line 1, position 1."
        raise refused("ConnectWiseApi", text, HTTPStatus.INTERNAL_SERVER_ERROR) from error
