"""Starting gotls, and knowing when it is at work."""

import pathlib
import signal
import subprocess
import typing

import capture
from case import Context, Process

# Room for all that a test sends, so that a busy machine loses nothing; tests about loss set their own.
LARGE = ["--ring", "64MiB"]
HUGE = ["--ring", "256MiB", "--max-op", "64MiB"]


def json_to(path: pathlib.Path, what: str) -> str:
    return f"json:{path},what={what}"


class Tracer:
    """A running gotls trace with a JSON output: of `what`, "chunks" or "exchanges"."""

    def __init__(self, context: Context, arguments: list, name: str = "gotls", stdin: int = subprocess.DEVNULL,
                 what: str = "chunks", prefix: typing.Sequence = (), gotls: typing.Optional[pathlib.Path] = None):
        self.context = context
        self.output = context.file(f"{name}.json")
        words = [*prefix, gotls or context.setting.gotls, "trace", "-v", "-o", json_to(self.output, what)]
        self.process: Process = context.start([*words, *arguments], name, stdin)

    @property
    def pid(self) -> int:
        return self.process.pid

    def await_attached(self) -> "Tracer":
        self.process.await_text("attached by", "stderr")
        return self

    def await_binary(self, path: pathlib.Path, times: int = 1) -> None:
        """Waits until gotls has said that it hooked this file."""
        self.process.await_text(f"gotls: {path}: go", "stderr", times)

    def stop(self, number: int = signal.SIGINT) -> None:
        if self.process.running():
            self.process.signal(number)
        self.process.expect(0)

    def end(self) -> capture.Capture:
        """Waits for the end that comes by itself, when the traced processes are gone."""
        self.process.expect(0)
        return self.capture()

    def finish(self, filtered: bool = False) -> capture.Capture:
        self.stop()
        return self.capture(filtered=filtered)

    def capture(self, whole: bool = True, filtered: bool = False) -> capture.Capture:
        return capture.load(self.output, whole, filtered)

    def chunks_so_far(self) -> int:
        """How many chunks have been written to the output by now."""
        if not self.output.exists():
            return 0
        with open(self.output, "rb") as lines:
            return sum(line.startswith(b'{"type":"chunk"') and line.endswith(b"\n") for line in lines)


def run_gotls(context: Context, arguments: list, prefix: typing.Sequence = ()) -> Process:
    """Runs gotls to its end."""
    process = context.start([*prefix, context.setting.gotls, *arguments], "gotls-once")
    process.wait()
    return process


