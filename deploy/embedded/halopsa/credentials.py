"""The one application of the simulated tenant. Invented, and good for nothing but the simulator."""

from typing import Final

TENANT: Final = "northwind"
CLIENT_ID: Final = "0b8f4d3e-0000-4000-8000-51da7ed00000"
CLIENT_SECRET: Final = "simulated-client-secret"  # noqa: S105 - of the simulator, which anybody may start
READS: Final = frozenset({"all", "read:customers", "edit:customers"})
WRITES: Final = frozenset({"all", "edit:customers"})
SCOPES: Final = READS | {"admin", "read:invoices"}
"""What the application may be given."""
