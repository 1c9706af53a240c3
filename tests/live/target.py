"""Starting the test targets: ready, hold, go (tests/targets/README.md)."""

import pathlib
import re
import subprocess
import typing

import truth
from case import Context, Process


class Target:
    """A target that runs one scenario. With `hold` it waits for go()."""

    def __init__(
        self,
        context: Context,
        binary: pathlib.Path,
        scenario: str,
        options: typing.Sequence[str] = (),
        hold: bool = True,
        name: str = "target",
        prefix: typing.Sequence[str] = (),
    ):
        self.log = context.file(f"{name}-{len(context.processes)}.log")
        words = arguments(binary, scenario, self.log, [*options, *(["-hold"] if hold else [])])
        self.process: Process = context.start([*prefix, *words], name, subprocess.PIPE)
        if hold:
            self.await_ready()

    def await_ready(self) -> None:
        self.process.await_text("ready ")

    @property
    def pid(self) -> int:
        """As the target sees it."""
        return int(re.search(r"ready (\d+)", self.process.stdout()).group(1))

    def go(self) -> None:
        self.process.write_line()

    def stop(self) -> None:
        """Ends an endless scenario."""
        self.process.close_stdin()

    def end(self) -> truth.Truth:
        self.process.expect(0)
        return truth.load(self.log)


def arguments(binary: pathlib.Path, scenario: str, log: pathlib.Path, options: typing.Sequence[str] = ()) -> list[str]:
    """The command line of a target, or of the host of a library."""
    if binary.name == "host":
        version = "1.2" if "1.2" in options else "1.3"
        return [str(binary), str(binary.parent / "libtarget.so"), scenario, version, str(log)]
    return [str(binary), "-scenario", scenario, "-log", str(log), *options]
