"""What the routes show of links and conflicts."""

from typing import Any, Literal

from psa_sync_svc.domain.condition import Condition, of_field, of_link
from psa_sync_svc.domain.conflict import Conflict
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.link import Link, LinkedAccount, Side, Source, Standing
from psa_sync_svc.messages import shown_value
from shared.contracts.base import Shape
from shared.contracts.forms import SaidId, SaidTime
from shared.contracts.shapes import PsaAddress

ShownValue = str | PsaAddress | None


class ShownConflict(Shape):
    """A field that both sides changed differently since they were last alike (`base`). `by` null: nobody had to decide
    any more, since both sides became alike, the policy was changed, or the link ended."""

    conflict_id: SaidId
    customer_id: SaidId
    integration_id: SaidId
    account_id: str
    field: Field
    base: ShownValue
    ours: ShownValue
    theirs: ShownValue
    status: Literal["open", "resolved"]
    chosen: ShownValue
    by: str | None
    found_at: SaidTime
    resolved_at: SaidTime | None


class ShownOrigin(Shape):
    """Who set the value that is here, where, and when. A PSA does not tell who it was there."""

    source: Source
    by: str | None
    at: SaidTime


class ShownSync(Shape):
    """The last time that the field went from one side to the other: `to` got `value` in place of `previous`."""

    to: Side
    previous: ShownValue
    value: ShownValue
    at: SaidTime


class ShownField(Shape):
    """`ours`: the customer's; `theirs`: what the PSA showed last, in our form. `code` and `detail`: why in trouble."""

    state: Condition
    code: str | None
    detail: str | None
    ours: ShownValue
    theirs: ShownValue
    origin: ShownOrigin | None
    last_sync: ShownSync | None


class ShownLink(Shape):
    """`seen_at`: when the account was last looked at. `due_at`: when the PSA is called again, where it has to be and
    not at once."""

    customer_id: SaidId
    integration_id: SaidId
    account_id: str
    customer_version: int
    state: Condition
    code: str | None
    detail: str | None
    account_standing: Standing
    seen_at: SaidTime | None
    due_at: SaidTime | None
    fields: dict[Field, ShownField]


def shown_conflict(conflict: Conflict) -> ShownConflict:
    review = conflict.review
    return ShownConflict(
        conflict_id=conflict.conflict_id,
        customer_id=conflict.customer_id,
        integration_id=review.account.integration_id,
        account_id=review.account.account_id,
        field=review.field,
        base=shown_value(review.base),
        ours=shown_value(review.ours),
        theirs=shown_value(review.theirs),
        status="open" if review.open else "resolved",
        chosen=shown_value(review.chosen),
        by=review.by,
        found_at=review.found_at,
        resolved_at=review.closed_at,
    )


def shown_link(link: Link, account: LinkedAccount) -> ShownLink:
    stands = of_link(link)
    return ShownLink(
        customer_id=link.customer_id,
        integration_id=account.integration_id,
        account_id=account.account_id,
        customer_version=link.customer_version,
        state=stands.state,
        code=stands.code,
        detail=stands.detail,
        account_standing=link.standing,
        seen_at=link.seen_at,
        due_at=link.due_at if link.call_due else None,
        fields={field: _shown_field(link, field) for field in Field},
    )


def _shown_field(link: Link, field: Field) -> ShownField:
    stands, state = of_field(link, field), link.state(field)
    theirs: Any = link.theirs[field] if link.theirs is not None else None
    last = state.last
    return ShownField(
        state=stands.state,
        code=stands.code,
        detail=stands.detail,
        ours=shown_value(link.ours[field]),
        theirs=shown_value(theirs),
        origin=ShownOrigin.model_validate(state.origin) if state.origin is not None else None,
        last_sync=None
        if last is None
        else ShownSync(to=last.to, previous=shown_value(last.previous), value=shown_value(last.value), at=last.at),
    )
