"""The limiter that the service has, over a store in memory of its own."""

from psa_sync_svc.adapters.budget.documents import StoredBudgets
from psa_sync_svc.adapters.budget.shared import SharedRates
from psa_sync_svc.workers.standing import Standing
from shared.store.memory import MemoryStore


def rates() -> SharedRates:
    store = MemoryStore()
    return SharedRates(StoredBudgets(store), Standing(store), owner="suite")
