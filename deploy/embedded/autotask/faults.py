"""Autotask's own fault beside those of every API: a zone call that names another address."""

from embedded.simulated.faults import Fault, FaultDesk, Faults


class WrongZone(Fault):
    """The zone call names this address."""

    url: str


class AutotaskFaults(Faults):
    zone: WrongZone | None = None


def zone_url(desk: FaultDesk[AutotaskFaults]) -> str | None:
    fault = desk.faults.zone
    return fault.url if fault and desk.strikes(fault, "GET", "zoneInformation") else None
