"""Makes PDFs in a process of its own, one at a time: that process may die, hang or grow, and the service goes on."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Self

from invoice_svc.adapters.mail_settings import PdfSettings
from invoice_svc.adapters.paper import made_at, paper
from invoice_svc.workers.mailer import PdfFailed, Seller
from shared.contracts.invoice_shapes import Invoice

_WORKER = Path(__file__).with_name("pdf_worker.py")
_DIED = (asyncio.IncompleteReadError, ConnectionError)


class TypstPdf:
    """A `Pdf`. The process is started with the first PDF, and again when it is gone; `close` ends it.

    A PDF whose process dies is tried once more in a new one; one that takes longer than the limit, its wait
    for a turn included, is given up, and if it was being made its process killed. Who finds `queue` others waiting
    is refused at once.
    """

    def __init__(self, settings: PdfSettings) -> None:
        self._settings = settings
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: Process | None = None
        self._rendered = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def render(self, invoice: Invoice, seller: Seller) -> bytes:
        if self._waiting >= self._settings.queue:
            raise PdfFailed("too many PDFs are waiting to be made")
        request = json.dumps({"invoice": paper(invoice, seller), "made_at": made_at(invoice)}).encode()
        self._waiting += 1
        try:
            return await self._within_limit(request)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Ask the process to end by closing its input; kill it if it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(2):
                await process.wait()
        except TimeoutError:
            await _kill(process)

    @property
    def process_id(self) -> int | None:
        """Of the process that is there now, if there is one: for metrics and tests."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def _within_limit(self, request: bytes) -> bytes:
        try:
            async with asyncio.timeout(self._settings.timeout_s), self._turn:
                answer = await self._ask_twice(request)
        except TimeoutError:
            raise PdfFailed(f"the PDF took longer than {self._settings.timeout_s:g} s") from None
        except (*_DIED, OSError):
            raise PdfFailed("the process that makes PDFs died twice over this one") from None
        if not answer.startswith(b"+"):
            raise PdfFailed(answer[1:].decode())
        return answer[1:]

    async def _ask_twice(self, request: bytes) -> bytes:
        try:
            return await self._ask(request)
        except _DIED:
            return await self._ask(request)

    async def _ask(self, request: bytes) -> bytes:
        """One request. If it does not end well, its answer would be taken for the next one's: the process is killed."""
        process = await self._running()
        try:
            answer = await _exchange(process, request)
        except BaseException:
            self._process = None
            await _kill(process)
            raise
        self._rendered += 1
        return answer

    async def _running(self) -> Process:
        if self._rendered >= self._settings.renders_per_process:
            await self.close()
        if self._process is None or self._process.returncode is not None:
            self._process = await self._start()
            self._rendered = 0
        return self._process

    async def _start(self) -> Process:
        """Without the service's environment, which holds secrets, and isolated from its module path."""
        font_dir = self._settings.font_dir
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(_WORKER),
            str(int(self._settings.timeout_s) + 1),
            *([str(font_dir)] if font_dir else []),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        )


async def _exchange(process: Process, request: bytes) -> bytes:
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 # both are pipes
    process.stdin.write(len(request).to_bytes(4, "big") + request)
    await process.stdin.drain()
    size = int.from_bytes(await process.stdout.readexactly(4), "big")
    return await process.stdout.readexactly(size)


async def _kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
