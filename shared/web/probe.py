"""Asks this container's own service whether it lives: `python -m shared.web.probe [path]`, 0 where it answers 200.

In an image that has no other HTTP client; it reads the same setting as the service.
"""

import http.client
import sys
from collections.abc import Sequence
from typing import Final

from shared.settings import HttpSettings, load

_LIMIT_S: Final = 2.5
_HERE: Final = "127.0.0.1"


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    path = given[0] if given else "/healthz"
    connection = http.client.HTTPConnection(_HERE, load(HttpSettings).port, timeout=_LIMIT_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        told = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        told, status = type(error).__name__, 0
    else:
        status = answer.status
    finally:
        connection.close()
    print(told)  # noqa: T201 - what docker shows of a health check
    return 0 if status == http.HTTPStatus.OK else 1


if __name__ == "__main__":
    sys.exit(main())
