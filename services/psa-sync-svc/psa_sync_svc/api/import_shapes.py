"""Imports as the routes show them."""

from typing import Final, Literal

from psa_sync_svc.domain.importing import Import, Step
from shared.contracts.answers import ImportCode
from shared.contracts.base import Problem, Shape
from shared.contracts.forms import SaidId, SaidTime

WaitsFor = Literal["psa", "customer-svc"]


_WAITS_FOR: Final[dict[Step, WaitsFor]] = {Step.PENDING: "psa", Step.ANSWERED: "customer-svc"}


class ShownImport(Shape):
    """`customer_id` and `created` once it is imported; `code`, `detail` and `errors` where it was refused. Until then
    `waits_for` names who has the next step: the PSA, asked `tries` times in vain and again at `next_try_at`; or
    customer-svc, since `updated_at`. Where that lasts, it is away or has put the answer aside."""

    request_id: str
    integration_id: SaidId
    account_id: str
    status: Step
    customer_id: SaidId | None
    created: bool | None
    code: ImportCode | None
    detail: str | None
    errors: tuple[Problem, ...]
    waits_for: WaitsFor | None
    tries: int
    next_try_at: SaidTime | None
    created_at: SaidTime
    updated_at: SaidTime


def shown_import(import_: Import) -> ShownImport:
    refusal = import_.refusal
    return ShownImport(
        request_id=import_.request_id,
        integration_id=import_.integration_id,
        account_id=import_.account_id,
        status=import_.status,
        customer_id=import_.customer_id,
        created=import_.created,
        code=refusal.code.value if refusal else None,
        detail=refusal.detail if refusal else None,
        errors=tuple(Problem.model_validate(each) for each in refusal.errors) if refusal else (),
        waits_for=_WAITS_FOR.get(import_.status),
        tries=import_.tries,
        next_try_at=import_.due_at,
        created_at=import_.created_at,
        updated_at=import_.updated_at,
    )
