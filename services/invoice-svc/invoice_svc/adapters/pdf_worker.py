"""The process that makes PDFs: typst's memory and crashes stay out of the service.

Run by path with nothing but its own folder: frames in on standard input, frames out on standard output. A frame is four
bytes of length, big-endian, and that many bytes. In: JSON `{"invoice": {...}, "made_at": seconds}`. Out: `+` and the
PDF, or `-` and what went wrong, without data. It ends at the end of its input, so with its parent, also a killed one.
"""

import json
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

import typst

_TEMPLATE = Path(__file__).with_name("templates") / "invoice.typ"


def main() -> None:
    limit_s, font_dir = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which ends this process cleanly
    compiler = typst.Compiler(
        str(_TEMPLATE), str(_TEMPLATE.parent), font_paths=[font_dir] if font_dir else [], ignore_system_fonts=True
    )
    while (request := read_frame(sys.stdin.buffer)) is not None:
        signal.alarm(limit_s)  # ends this process even inside typst, also when nobody is left to kill it
        write_frame(sys.stdout.buffer, _render(compiler, json.loads(request)))
        signal.alarm(0)


def read_frame(source: BinaryIO) -> bytes | None:
    head = source.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head, "big")
    body = source.read(size)
    return body if len(body) == size else None


def write_frame(target: BinaryIO, body: bytes) -> None:
    target.write(len(body).to_bytes(4, "big") + body)
    target.flush()


def _render(compiler: typst.Compiler, request: dict[str, Any]) -> bytes:
    inputs = {"invoice": json.dumps(request["invoice"], ensure_ascii=False)}
    try:
        pdf = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=request["made_at"])
    except (RuntimeError, ValueError) as error:
        return b"-typst refused the document: " + type(error).__name__.encode()
    return b"+" + pdf if isinstance(pdf, bytes) else b"-typst made no PDF"


if __name__ == "__main__":
    main()
