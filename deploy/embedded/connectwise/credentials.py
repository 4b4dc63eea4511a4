"""The one API member of the simulated company. Invented, and good for nothing but the simulator."""

from typing import Final

COMPANY: Final = "northwind"
PUBLIC_KEY: Final = "SimulatedPublic0"
PRIVATE_KEY: Final = "simulated-private-key"
CLIENT_ID: Final = "5a1f0c1e-0000-4000-8000-51da7ed00000"
CODEBASES: Final = ("v2025_1", "v2025_2")
"""The company is on one, and on the other after an upgrade."""
