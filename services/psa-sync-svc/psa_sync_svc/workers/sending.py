"""One change of an account, sent once, and what the PSA said to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.link import Attempt
from psa_sync_svc.workers.psa import FieldsRefused, Missing, Permanent, Psa
from shared.engine.decision import Problem


@dataclass(frozen=True, slots=True)
class Sent:
    """What the PSA answered to a change: nothing against it, or these fields refused, or that there is no account."""

    refused: Mapping[Field, Problem] = field(default_factory=dict)
    missing: bool = False


async def send(psa: Psa, account_id: str, attempt: Attempt) -> Sent:
    """One attempt. Trouble that may pass is raised: whether the change was made is seen at the next look."""
    try:
        await psa.update(account_id, attempt.values)
    except Missing:
        return Sent(missing=True)
    except FieldsRefused as refused:
        told = {name: detail for name, detail in refused.fields.items() if name in attempt.values}
        return _refused(told or dict.fromkeys(attempt.values, refused.detail))
    except Permanent as error:
        return _refused(dict.fromkeys(attempt.values, error.detail))
    return Sent()


def _refused(fields: Mapping[Field, str]) -> Sent:
    return Sent({name: Problem(f"/{name}", "REFUSED", detail) for name, detail in fields.items()})
