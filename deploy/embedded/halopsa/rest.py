"""The API's addresses: which verb does what where, for whom, and 405 or 404 for the rest."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request

from embedded.halopsa import reading, writing
from embedded.halopsa.answers import Answer, failed, forbidden, not_allowed, not_found
from embedded.halopsa.credentials import READS, WRITES
from embedded.halopsa.limit import Limit
from embedded.halopsa.shown import client_whole, site_whole
from embedded.halopsa.store import Clients, Row

_LISTS: Final = {"client": reading.clients, "site": reading.sites}
_RECORDS: Final = {"client": reading.client, "site": reading.site}
_WRITES: Final = {"client": writing.write_clients, "site": writing.write_sites}
_SHOWN: Final[Mapping[str, Callable[[Row], Any]]] = {
    "client": lambda row: client_whole(row, details=True),
    "site": lambda row: site_whole(row, details=True),
}


class Rest:
    """Carries one request out, at once and whole: nothing else happens in between. `seen`: the agent that the
    application logs in as may see customers. Deleting over the API is left out."""

    def __init__(self, clients: Clients, limit: Limit) -> None:
        self._clients, self._limit = clients, limit
        self.seen = True

    def answer(self, request: Request, steps: tuple[str, ...], body: bytes, scopes: frozenset[str]) -> Answer:
        """Raises `ApiRefusal`. `steps`: those after `/api`, in lower case."""
        if not steps or steps[0] not in _LISTS or len(steps) > 2:
            raise not_found()
        verb = request.method
        if verb != "GET" and (verb != "POST" or len(steps) > 1):
            raise not_allowed(verb)
        if not (READS if verb == "GET" else WRITES) & scopes:
            raise forbidden()
        return self._read(request, steps) if verb == "GET" else self._write(steps[0], body)

    def _read(self, request: Request, steps: tuple[str, ...]) -> Answer:
        query = {name.lower(): value for name, value in request.query_params.items()}
        if len(steps) == 1:
            return _LISTS[steps[0]](self._clients, query, seen=self.seen, most=self._limit.settings.rows)
        if not self.seen:
            raise forbidden()
        if not steps[1].isdecimal():
            raise not_found()
        return _RECORDS[steps[0]](self._clients, int(steps[1]), query)

    def _write(self, kind: str, body: bytes) -> Answer:
        """One record for an array of one."""
        if not self.seen:
            raise forbidden()
        found = [_SHOWN[kind](row) for row in _WRITES[kind](_json(body), self._clients)]
        return Answer(found[0] if len(found) == 1 else found, HTTPStatus.CREATED)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise failed("The request's body is no JSON.") from error
