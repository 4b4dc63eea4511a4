"""Conflicts over HTTP: there are none while nothing is pushed or polled."""

from fastapi import APIRouter

from psa_sync_svc.api.shapes import Conflict
from shared.engine.decision import refuse
from shared.web.auth import Caller
from shared.web.paging import Page, Wanted


async def all_conflicts(caller: Caller, wanted: Wanted) -> Page[Conflict]:
    del caller
    wanted.place()
    return Page(items=[], next=None)


async def resolve(caller: Caller, conflict_id: str) -> None:
    del caller, conflict_id
    raise refuse("/conflict_id", "NOT_FOUND", "there is no such conflict")


def add(found: APIRouter) -> None:
    found.add_api_route("/conflicts", all_conflicts, methods=["GET"], name="list conflicts")
    found.add_api_route("/conflicts/{conflict_id}/resolve", resolve, methods=["POST"], name="resolve")
