"""The ways in which a mail server lets its clients down, each switched on and off while it runs."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_DETAIL = {"transient": "4.3.0 try again later", "permanent": "5.1.1 no such mailbox here"}


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RcptFault(_Shape):
    """Recipients refused: all or one `address`, for ever or the next `times`."""

    mode: Literal["transient", "permanent"] = "transient"
    code: int | None = Field(default=None, ge=400, le=599)
    times: int | None = None
    address: str | None = None


class DataFault(_Shape):
    """What happens after the last line of a mail, for ever or the next `times`.

    drop_before_reply: kept, and the connection closed without an answer; drop_before_store: closed and not kept;
    silent: kept, and never answered.
    """

    mode: Literal["drop_before_reply", "drop_before_store", "silent"]
    times: int | None = None


class Greylist(_Shape):
    """Each recipient is told to come back the first `times`."""

    times: int = 1


class Slow(_Shape):
    s: float = Field(ge=0, le=600)
    at: Literal["connect", "mail", "rcpt", "data"] = "mail"
    times: int | None = None


class Faults(_Shape):
    """All faults that are on. `reject` answers every mail's last line so; `slow_s` waits before answering MAIL."""

    rcpt: RcptFault | None = None
    data: DataFault | Literal["drop_before_reply", "drop_before_store", "silent"] | None = None
    slow_s: float | None = Field(default=None, ge=0, le=600)
    slow: Slow | None = None
    reject: int | None = Field(default=None, ge=400, le=599)
    greylist: Greylist | None = None


class FaultDesk:
    """The faults that are on now, and how often each still strikes."""

    def __init__(self) -> None:
        self.set(Faults())

    def set(self, faults: Faults) -> None:
        self.faults = faults
        self._data = DataFault(mode=faults.data) if isinstance(faults.data, str) else faults.data
        self._slow = Slow(s=faults.slow_s) if faults.slow_s is not None else faults.slow
        self._left = {
            "rcpt": faults.rcpt.times if faults.rcpt else 0,
            "data": self._data.times if self._data else 0,
            "slow": self._slow.times if self._slow else 0,
        }
        self._grey: dict[str, int] = {}

    def refuse_recipient(self, address: str) -> str | None:
        """The SMTP answer that refuses this recipient now, or None."""
        fault = self.faults.rcpt
        if fault and fault.address in (None, address) and self._strike("rcpt"):
            code = fault.code or (451 if fault.mode == "transient" else 550)
            return f"{code} {_DETAIL[fault.mode]} <{address}>"
        grey = self.faults.greylist
        if grey and self._grey.get(address, 0) < grey.times:
            self._grey[address] = self._grey.get(address, 0) + 1
            return f"451 4.7.1 greylisted, come back later <{address}>"
        return None

    def data_fault(self) -> str | None:
        return self._data.mode if self._data and self._strike("data") else None

    def delay_s(self, at: str) -> float:
        return self._slow.s if self._slow and self._slow.at == at and self._strike("slow") else 0.0

    def _strike(self, name: str) -> bool:
        left = self._left[name]
        if left is None:
            return True
        self._left[name] = max(left - 1, 0)
        return left > 0
