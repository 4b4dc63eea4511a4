"""The envelope of what this service's workers do."""

from functools import partial
from typing import Final

from shared.engine.worker import work_meta as _work_meta

work_meta: Final = partial(_work_meta, "invoice-svc")
"""`work_meta(partner_id, job, cause)`."""
