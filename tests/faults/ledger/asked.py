"""What the clients asked, and what they were told at once: the acknowledged history that everything is held against."""

from dataclasses import dataclass, field
from typing import Any, Literal

Over = Literal["kafka", "http"]


@dataclass(slots=True)
class Asked:
    """One command, however often it was sent. Times are monotonic seconds.

    `sets`: the customer's fields that it sets, or what it says of an invoice (`invoice_id`, `amount` and the like).
    `must_be_refused`: no order of things could make it acceptable; `may_be_refused`: the order decides.
    `ended`: when it was acknowledged, by the broker or by an answer below 500; None: never.
    `status`, `version`: of the HTTP answer; `attempts`: how often it was sent until then.
    """

    id: str
    name: str
    over: Over
    customer_id: str
    sets: dict[str, Any] = field(default_factory=dict)
    must_be_refused: bool = False
    may_be_refused: bool = False
    began: float = 0.0
    ended: float | None = None
    status: int | None = None
    version: int | None = None
    attempts: int = 0

    @property
    def accepted(self) -> bool:
        return self.ended is not None and not self.must_be_refused

    def __str__(self) -> str:
        return f"{self.name} {self.id} over {self.over} for customer {self.customer_id}"
