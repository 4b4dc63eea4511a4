"""`python -m embedded.prepare`: everything that a first start would download or compile, with the progress shown."""

import sys

from rich.console import Console

from embedded.classes import store_class_path
from embedded.jars import KAFKA, JarsUnusable, cache_dir, class_path


def main() -> int:
    console = Console(stderr=True, highlight=False)
    try:
        with console.status("looking for Kafka and the document store") as status:
            class_path(KAFKA, status.update)
            store_class_path(status.update)
    except JarsUnusable as error:
        console.print(str(error), style="red", markup=False)
        return 1
    console.print(f"Kafka and the document store are in {cache_dir()}", markup=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
