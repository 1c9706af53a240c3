"""Starting the targets web, grpc and websocket: ready, hold, go; gotls beside them; what gotls made of it."""

import os
import pathlib
import re
import subprocess
import typing

import exchanges
from case import Context, Process, Skip
from exchanges import Exchanges
from tracer import Tracer

VERSION = "1.26"
# Whole bodies, and room for all that passes while others use the machine too.
WHOLE = ["--ring", "64MiB", "--max-op", "16MiB", "--max-body", "16MiB"]


class Service:
    """One of the targets, in any role. With `hold` or `late` it waits for go()."""

    def __init__(self, context: Context, binary: pathlib.Path, options: typing.Sequence[str] = (), name: str = "service"):
        self.log = context.file(f"{name}-{len(context.processes)}.log")
        self.process: Process = context.start([binary, "-log", self.log, *options], name, subprocess.PIPE)
        self.process.await_text("ready")

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def address(self) -> str:
        """Of a server."""
        self.process.await_text("listening ")
        return re.search(r"listening (\S+)", self.process.stdout())[1]

    def go(self) -> None:
        self.process.write_line()

    def end(self) -> pathlib.Path:
        """Waits for its end, which a server comes to when its stdin ends, and returns its log."""
        self.process.close_stdin()
        self.process.expect(0)
        return self.log


def program(context: Context, name: str, version: str = VERSION) -> pathlib.Path:
    return context.binary(version, name, name)


def trace_whole(context: Context, binary: pathlib.Path, options: typing.Sequence[str] = (), view: typing.Sequence = ()
                ) -> tuple[pathlib.Path, Tracer]:
    """Runs a target under gotls from its first byte to its end."""
    log = context.file("service.log")
    tracer = Tracer(context, [*WHOLE, *view, "--", binary, "-log", log, *options], what="exchanges")
    tracer.process.expect(0)
    return log, tracer


def found(tracer: Tracer) -> Exchanges:
    return exchanges.load(tracer.output)


def tool(name: str, package: str) -> str:
    """A program of the system, or of those that tests/programs fetches."""
    cache = pathlib.Path(os.environ.get("GOTLS_CACHE", pathlib.Path.home() / ".cache/gotls"))
    for folder in ("/usr/bin", "/usr/sbin", "/bin", cache / "programs"):
        if (pathlib.Path(folder) / name).exists():
            return f"{folder}/{name}"
    raise Skip(f"no {name}; it is in the package {package}")
