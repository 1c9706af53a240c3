"""What a test is, and what it runs in: a folder of its own, and processes that end with it."""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import typing

# How long anything may take that does come. Nothing passes or fails by time: this only ends tests that hang.
PATIENCE = 90.0


class Failure(Exception):
    """The test found what must not be."""


class Skip(Exception):
    """The test can't run here."""


def check(condition: object, message: str) -> None:
    if not condition:
        raise Failure(message)


def check_equal(got: object, wanted: object, what: str) -> None:
    if got != wanted:
        raise Failure(f"{what} is {got!r}, not {wanted!r}")


@dataclasses.dataclass
class Counted:
    """What a test compared."""

    connections: int = 0
    bytes: int = 0

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(self.connections + other.connections, self.bytes + other.bytes)


@dataclasses.dataclass(frozen=True)
class Setting:
    """Where things are."""

    gotls: pathlib.Path
    targets: pathlib.Path
    toolchains: pathlib.Path
    keep: bool = False


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    run: typing.Callable[..., Counted]  # called with a Context and `arguments`
    arguments: tuple = ()
    alone: bool = False  # no other test at the same time: it watches the whole host


def poll(
    condition: typing.Callable[[], object], what: str | typing.Callable[[], str], patience: float = PATIENCE
) -> object:
    """Waits until the condition is true, and returns its value."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"waited {patience:.0f} s for {what if isinstance(what, str) else what()}")
        time.sleep(0.01)


def exe_of(pid: int) -> str | None:
    """What /proc says that the process runs: nothing once its first thread has ended, as it does before an exec from
    another thread."""
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except FileNotFoundError:
        return None


class Process:
    """A program whose output goes to files, so that nothing ever blocks on a full pipe."""

    def __init__(self, argv: list, folder: pathlib.Path, name: str, stdin: int = subprocess.DEVNULL):
        self.name = name
        self.argv = [str(word) for word in argv]
        self.out_path, self.err_path = folder / f"{name}.out", folder / f"{name}.err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            # A session of its own: at the end its children can be ended with it, and nobody else.
            self.popen = subprocess.Popen(
                self.argv, stdin=stdin, stdout=out, stderr=err, cwd=folder, start_new_session=True
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def stdout(self) -> str:
        return self.out_path.read_text(errors="replace")

    def stderr(self) -> str:
        return self.err_path.read_text(errors="replace")

    def await_text(self, text: str, where: str = "stdout", times: int = 1) -> None:
        """Waits until the text has been printed so often."""
        path = self.out_path if where == "stdout" else self.err_path

        def seen() -> bool:
            # In this order: what was printed before the end counts.
            ended = self.popen.poll() is not None
            if path.read_text(errors="replace").count(text) >= times:
                return True
            if ended:
                raise Failure(f"{self.describe()} ended without {text!r} on {where}")
            return False

        poll(seen, lambda: f"{text!r} on {where} of {self.name}: {self.tail()}")

    def write_line(self, text: str = "") -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.write(text.encode() + b"\n")
        self.popen.stdin.flush()

    def close_stdin(self) -> None:
        if self.popen.stdin is not None:
            self.popen.stdin.close()

    def running(self) -> bool:
        return self.popen.poll() is None

    def signal(self, number: int) -> None:
        self.popen.send_signal(number)

    def wait(self) -> int:
        try:
            return self.popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.describe()} has not ended after {PATIENCE:.0f} s") from None

    def expect(self, code: int = 0) -> None:
        if self.wait() != code:
            raise Failure(f"{self.describe()}, not {code}")

    def tail(self) -> str:
        lines = self.stderr().strip().splitlines()
        return " | ".join(lines[-3:])[-500:]

    def describe(self) -> str:
        code = self.popen.poll()
        state = "running" if code is None else f"exit code {code}"
        return f"{self.name}: {state}, stderr: {self.tail()}"

    def destroy(self) -> None:
        """Ends the process and what it started."""
        with contextlib.suppress(OSError):
            self.popen.stdin and self.popen.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


class Context:
    """One test's surroundings."""

    def __init__(self, setting: Setting):
        self.setting = setting
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gotls-live-"))
        self.processes: list[Process] = []

    def start(self, argv: list, name: str, stdin: int = subprocess.DEVNULL) -> Process:
        known = sum(p.name.split("#")[0] == name for p in self.processes)
        process = Process(argv, self.folder, f"{name}#{known}" if known else name, stdin)
        self.processes.append(process)
        return process

    def file(self, name: str) -> pathlib.Path:
        return self.folder / name

    def binary(self, version: str, flavour: str, name: str = "target") -> pathlib.Path:
        path = self.setting.targets / f"go{version}" / flavour / name
        if not path.exists():
            raise Skip(f"no {path}; tests/build-targets makes it")
        return path

    def private_copy(self, version: str, flavour: str, name: str) -> pathlib.Path:
        """A copy of a target: an inode that no other test's gotls has probes on."""
        copy = self.folder / name
        shutil.copy(self.binary(version, flavour), copy)
        return copy

    def close(self) -> None:
        for process in self.processes:
            process.destroy()
        if not self.setting.keep:
            shutil.rmtree(self.folder, ignore_errors=True)
