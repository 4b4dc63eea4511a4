"""The API's addresses: which verb does what where, and 405 or 404 for the rest."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from embedded.autotask import reading, writing
from embedded.autotask.answers import Answer, ApiRefusal, not_found, not_supported, refused
from embedded.autotask.countries import COUNTRIES
from embedded.autotask.fields import COMPANY, COUNTRY, by_name
from embedded.autotask.limits import Limits
from embedded.autotask.reading import Entity, Request
from embedded.autotask.store import Companies, Row, Rows

Act = Callable[[Entity, Request], Answer]
_NUMBER = re.compile(r"-?\d{1,19}")


class Rest:
    """Carries one request out, at once and whole: nothing else happens in between."""

    def __init__(self, companies: Companies, limits: Limits) -> None:
        self._companies, self._limits = companies, limits
        self._entities = {
            "companies": Entity("Companies", companies, by_name(COMPANY), writable=True),
            "countries": Entity("Countries", Rows(COUNTRIES.values()), by_name(COUNTRY), writable=False),
        }

    def answer(self, request: Request) -> Answer:
        try:
            return self._answer(request)
        except ApiRefusal as refusal:
            return refusal.answer

    def _answer(self, request: Request) -> Answer:
        if request.path == ("thresholdinformation",):
            return Answer(self._limits.told())
        entity = self._entities.get(request.path[0]) if request.path else None
        if entity is None:
            raise not_found()
        acts = self._acts(entity, request.path[1:])
        if not acts:
            raise not_found()
        if request.method not in acts:
            raise not_supported(request.method)
        return acts[request.method](entity, request)

    def _acts(self, entity: Entity, steps: tuple[str, ...]) -> Mapping[str, Act]:
        """What can be done at this address, by verb."""
        if not steps:
            return {"POST": self._create, "PATCH": self._patch, "PUT": self._replace} if entity.writable else {}
        if len(steps) == 1 and _NUMBER.fullmatch(steps[0]):
            return {"GET": lambda entity, _: reading.one(entity, steps[0])}
        return {
            ("query",): {"POST": reading.first_page, "GET": reading.first_page},
            ("query", "next"): {"POST": reading.next_page, "GET": reading.next_page},
            ("query", "count"): {"POST": reading.count, "GET": reading.count},
            ("entityinformation",): {"GET": lambda entity, _: reading.information(entity)},
            ("entityinformation", "fields"): {"GET": lambda entity, _: reading.fields(entity)},
            ("entityinformation", "userdefinedfields"): {"GET": lambda *_: Answer({"fields": []})},
        }.get(steps, {})

    def _create(self, _: Entity, request: Request) -> Answer:
        return self._saved(writing.created(_object(request), self._companies))

    def _patch(self, _: Entity, request: Request) -> Answer:
        given = _object(request)
        return self._saved(writing.patched(self._named(given), given, self._companies))

    def _replace(self, _: Entity, request: Request) -> Answer:
        given = _object(request)
        return self._saved(writing.replaced(self._named(given), given, self._companies))

    def _named(self, given: Mapping[str, Any]) -> Row:
        """The company whose id stands in the body."""
        number = next((value for name, value in given.items() if name.lower() == "id"), None)
        found = self._companies.get(number) if isinstance(number, int) else None
        if found is None:
            raise refused("No matching records found.")
        return found

    def _saved(self, row: Row) -> Answer:
        self._companies.save(row)
        return Answer({"itemId": row["id"]})


def _object(request: Request) -> Mapping[str, Any]:
    given = request.json()
    if not isinstance(given, Mapping):
        raise refused("The request's body must be a JSON object.")
    return given
