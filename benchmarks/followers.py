"""A class that follows one run over web sockets, on a thread: each acknowledges its frames, as a page does."""

from __future__ import annotations

import asyncio
import json
import threading
import time

from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 120.0  # s


class Crowd(threading.Thread):
    """Followers of a lecture.

    Attributes:
        seated: seconds until every one had a first frame; 0 before. frames: of each since then. size: of all, in bytes.
    """

    def __init__(self, address: str, token: str, many: int) -> None:
        super().__init__(name="class", daemon=True)
        self._line = f"{address.replace('http', 'ws', 1)}embers/follow/live"
        self._token, self._leave = token, threading.Event()
        self.frames, self.size, self.seated = [0] * many, 0, 0.0
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._watch())
        except BaseException as error:
            self.fault = error
            raise

    def wait(self) -> None:
        """Wait until all have a seat and a first frame."""
        end = time.monotonic() + PATIENCE
        while not self.seated:
            if self.fault is not None or time.monotonic() > end:
                raise TimeoutError(f"not every follower got a seat: {self.fault}")
            time.sleep(0.05)

    def leave(self) -> None:
        """Let all go."""
        self._leave.set()
        self.join(PATIENCE)

    async def _watch(self) -> None:
        begin = time.perf_counter()
        lines = await asyncio.gather(*(connect(self._line, max_size=None) for _ in self.frames))
        for line in lines:
            await line.send(json.dumps({"follow": self._token}))
        await asyncio.gather(*(_frame(line) for line in lines))
        self.seated = time.perf_counter() - begin
        watching = [asyncio.create_task(self._count(at, line)) for at, line in enumerate(lines)]
        while not self._leave.is_set():
            await asyncio.sleep(0.05)
        for task in watching:
            task.cancel()
        await asyncio.gather(*(line.close() for line in lines))

    async def _count(self, at: int, line: ClientConnection) -> None:
        while True:
            size = await _frame(line)
            self.size += size
            self.frames[at] += 1


async def _frame(line: ClientConnection) -> int:
    """Bytes of the next frame, which is acknowledged."""
    while True:
        message = await line.recv()
        if isinstance(message, bytes):
            await line.send('{"do": "seen"}')
            return len(message)
        said = json.loads(message)
        if said["say"] in ("none", "full", "over"):
            raise RuntimeError(said["text"])
