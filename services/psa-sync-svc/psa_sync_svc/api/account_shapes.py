"""Account lists as the routes show them."""

from shared.contracts.base import Shape
from shared.contracts.forms import SaidTime
from shared.contracts.psa import PsaAccount
from shared.web.paging import Page


class ListTrouble(Shape):
    """Why the list could not be read anew."""

    code: str
    detail: str
    at: SaidTime


class AccountPage(Page[PsaAccount]):
    """`mirrored_at`: when the list was last read whole, null: never, so there are more than these. `refreshing`: it is
    being read anew."""

    mirrored_at: SaidTime | None
    refreshing: bool
    trouble: ListTrouble | None
