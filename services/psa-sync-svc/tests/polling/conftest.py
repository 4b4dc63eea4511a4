"""What links were told of a poll."""

from typing import Any

import pytest

from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.handlers import notice_account
from psa_sync_svc.workers import linked


@pytest.fixture
def noticed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, PsaAccount | None]]:
    """What links were told, in order; they are told it all the same."""
    told: list[tuple[str, PsaAccount | None]] = []
    real = notice_account.noticing_account

    def noticing(integration: Any, customer_id: str, account_id: str, account: Any, seen_at: str, **more: Any) -> Any:
        told.append((customer_id, account))
        return real(integration, customer_id, account_id, account, seen_at, **more)

    monkeypatch.setattr(linked, "noticing_account", noticing)
    return told
