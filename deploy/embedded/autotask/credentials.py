"""The one API user of the simulated tenant. Invented, and good for nothing but the simulator."""

from typing import Final

USERNAME: Final = "api@northwind-psa.example"
SECRET: Final = "simulated-secret"  # noqa: S105 - of the simulator, which anybody may start
INTEGRATION_CODE: Final = "SIMULATED0000000000000000000"
ZONES: Final = ("webservices14", "webservices15")
"""Each is a path on the simulator's own address; the tenant lives in one and can be moved to the other."""
