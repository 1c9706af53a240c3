"""Go libraries in C and Python programs that load them long after gotls has attached, and several in one process."""

import pathlib
import re
import shutil
import subprocess
import sys

import compare
import truth
from case import Case, Context, Counted, Process, Skip, check, check_equal, exe_of, poll
from tracer import LARGE, Tracer, run_gotls

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE / "late.c"


class Host:
    """A program that loads libraries by command."""

    def __init__(self, context: Context, process: Process):
        self.context, self.process = context, process
        self.process.await_text("ready ")
        self.logs: list[pathlib.Path] = []

    @classmethod
    def start(cls, context: Context, language: str) -> "Host":
        if language == "python":
            words: list = [sys.executable, HERE / "late.py"]
        else:
            compiler = shutil.which("cc")
            if compiler is None:
                raise Skip("no cc")
            program = context.file("late")
            subprocess.run([compiler, "-O1", "-Wall", "-pthread", "-o", program, SOURCE, "-ldl"], check=True)
            words = [program, *["--leave"][:language == "leave"]]
        return cls(context, context.start(words, "host", subprocess.PIPE))

    @property
    def pid(self) -> int:
        return int(re.search(r"ready (\d+)", self.process.stdout()).group(1))

    def load(self, version: str, number: int) -> pathlib.Path:
        """Loads a copy of the library, which no gotls has met."""
        copy = self.context.file(f"lib{number}.so")
        shutil.copy(self.context.binary(version, "cshared", "libtarget.so"), copy)
        self.process.write_line(f"load {copy}")
        self.process.await_text(f"loaded {number}")
        return copy

    def run(self, number: int, scenario: str) -> None:
        self.logs.append(self.context.file(f"host-{number}.log"))
        self.process.write_line(f"run {number} {scenario} 1.3 {self.logs[-1]}")

    def end(self) -> truth.Truth:
        self.process.write_line("wait")
        self.process.await_text("done")
        self.process.close_stdin()
        self.process.expect(0)
        return truth.Truth([c for log in self.logs for c in truth.load(log).connections], [], [])


def late(context: Context, language: str, how: str, versions: list[str], plan: str) -> Counted:
    """The libraries come when gotls is there already; both runtimes work at the same time."""
    host = Host.start(context, language)
    words = {"pid": ["-p", host.pid], "all": ["--all"], "exe": ["--exe", context.file("late")]}[how]
    tracer = Tracer(context, [*LARGE, "--plan", plan, *words]).await_attached()
    for number, version in enumerate(versions):
        tracer.await_binary(host.load(version, number))
    for number in range(len(versions)):
        host.run(number, "raw" if number == 0 else "parallel")
    true = host.end()
    check_equal(len(true.connections), 2 if len(versions) == 1 else 130, "the number of connections in the log")
    capture = tracer.finish() if how != "pid" else tracer.end()
    return compare.check_all(true, capture, among=how == "all")


def leaderless(context: Context, how: str) -> Counted:
    """The process lives on without its first thread, of which /proc has no program, files or maps any more."""
    host = Host.start(context, "leave")
    poll(lambda: exe_of(host.pid) is None, "the end of the first thread")
    host.load("1.24", 0)
    words = {"pid": ["-p", host.pid], "all": ["--all"], "exe": ["--exe", context.file("late")]}[how]
    tracer = Tracer(context, [*LARGE, *words]).await_attached()
    tracer.await_binary(host.load("1.27", 1))
    host.run(0, "raw")
    host.run(1, "raw")
    true = host.end()
    check_equal(len(true.connections), 4, "the number of connections in the log")
    capture = tracer.finish() if how != "pid" else tracer.end()
    mine = [c for c in capture.connections.values() if c.pid == host.pid]
    check_equal({c.open["exe"] for c in mine}, {str(context.file("late"))}, "exe")
    return compare.check_all(true, capture, among=how == "all")


def forked(context: Context) -> Counted:
    """The started command's child, which has never run an exec, loads the library."""
    command = [sys.executable, HERE / "late.py", "--fork"]
    tracer = Tracer(context, [*LARGE, "--", *command], stdin=subprocess.PIPE)
    host = Host(context, tracer.process)
    tracer.await_binary(host.load("1.27", 0))
    host.run(0, "raw")
    true = host.end()
    check_equal(len(true.connections), 2, "the number of connections in the log")
    return compare.check_all(true, tracer.capture())


def refused(context: Context) -> Counted:
    """A program that can't load anything is refused at once."""
    sleep = context.start(["sleep", "600"], "sleep")
    process = run_gotls(context, ["trace", "-p", sleep.pid])
    process.expect(3)
    check("not a Go program" in process.stderr(), "the reason isn't given")
    return Counted()


def cases(level: str, versions: list[str], plans: list[str]) -> list[Case]:
    newest, other = "1.27", "1.24"
    found = [
        Case("late/c/pid/lean", late, ("c", "pid", [newest], "lean")),
        Case("late/python/pid/lean", late, ("python", "pid", [newest], "lean")),
        Case("late/python/all/lean", late, ("python", "all", [newest], "lean"), alone=True),
        Case("late/leaderless/pid", leaderless, ("pid",)),
        Case("late/leaderless/all", leaderless, ("all",), alone=True),
        Case("late/leaderless/exe", leaderless, ("exe",)),
        Case("late/forked", forked),
        Case("late/refused", refused),
    ]
    for plan in plans:
        found.append(Case(f"late/c/two/{plan}", late, ("c", "pid", [newest, other], plan)))
    if level == "quick":
        return found[:1]
    return [*found, Case("late/c/exe/lean", late, ("c", "exe", [newest], "lean")),
            Case("late/python/two/lean", late, ("python", "pid", [other, newest], "lean"))]
