"""The chart is rendered by helm itself: `make chart` names it."""

import os

collect_ignore = [] if os.environ.get("HELM") else ["test_chart.py"]
