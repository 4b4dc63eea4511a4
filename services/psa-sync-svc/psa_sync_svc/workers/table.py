"""Which worker does which job, and how fast."""

from datetime import timedelta
from functools import partial
from typing import Final

from psa_sync_svc.aggregates import BULK, FETCH, MIRROR_ACCOUNTS, POLL, SYNC
from psa_sync_svc.domain import watch
from psa_sync_svc.domain.circuit import Pauses
from psa_sync_svc.settings import PsaSettings
from psa_sync_svc.workers.asking import Asking
from psa_sync_svc.workers.bulk import Bulk
from psa_sync_svc.workers.fetch import Fetch, Patience
from psa_sync_svc.workers.marking import Marking
from psa_sync_svc.workers.mirror import MirrorAccounts
from psa_sync_svc.workers.poll import Poll
from psa_sync_svc.workers.sync import Sync
from shared.engine.engine import Engine
from shared.engine.worker import Pace, Worker

_AROUND: Final = timedelta(seconds=15)
"""What a lease has beyond one call: what is learnt has yet to be saved."""
_SLOW_S: Final = 3.0
"""What takes longer leaves its place to others."""
_LONG_LISTS: Final = 32
"""Lists that are read longer than that, at the same time: each holds a page in memory."""


def workers(engine: Engine, asking: Asking, settings: PsaSettings) -> tuple[Worker, ...]:
    lease_s = settings.call_limit_s + _AROUND.total_seconds()
    fetch = Fetch(engine, asking, Patience(settings.fetch_tries))
    region, most = settings.default_region, settings.list_most_accounts
    mirror = MirrorAccounts(engine, asking, lease_s=lease_s, most=most, region=region)
    poll = Poll(
        engine,
        asking,
        pace=poll_pace(settings),
        reconcile_every=timedelta(seconds=settings.reconcile_every_s),
        lease_s=lease_s,
        most=most,
        region=region,
    )
    sync = Sync(engine, asking, lease_s=lease_s + settings.call_limit_s, region=region)
    slow = partial(Pace, every_s=1.0, slow_s=_SLOW_S)
    calls = partial(slow, slow_at_once=settings.slow_at_once)
    fetches = calls(lease_s, at_once=settings.fetches_at_once, of_one_partner=settings.fetches_of_one_partner)
    syncs = calls(
        lease_s + settings.call_limit_s, at_once=settings.syncs_at_once, of_one_partner=settings.syncs_of_one_partner
    )
    lists = slow(lease_s, at_once=8, of_one_partner=2, slow_at_once=_LONG_LISTS)
    bulk = Bulk(engine, Marking(engine.store, region), open_at_once=settings.bulk_open_at_once)
    return (
        Worker(engine.jobs, BULK, bulk.step, Pace(lease_s, 1.0, at_once=4, of_one_partner=1)),
        Worker(engine.jobs, FETCH, fetch.fetch, fetches),
        Worker(engine.jobs, MIRROR_ACCOUNTS, mirror.refresh, lists),
        Worker(engine.jobs, POLL, poll.poll, lists),
        Worker(engine.jobs, SYNC, sync.sync, syncs),
    )


def poll_pace(settings: PsaSettings) -> watch.Pace:
    fastest, slowest, hinted = (
        timedelta(seconds=each) for each in (settings.poll_fastest_s, settings.poll_slowest_s, settings.poll_hinted_s)
    )
    return watch.Pace(fastest, slowest, hinted)


def pauses(settings: PsaSettings) -> Pauses:
    return Pauses(
        settings.failures_until_paused,
        timedelta(seconds=settings.first_pause_s),
        timedelta(seconds=settings.longest_pause_s),
        probe=timedelta(seconds=2 * settings.call_limit_s),
    )
