"""What gotls inspect says, and what stands at the probed places in a process's memory."""

import dataclasses
import json
import pathlib

from case import Context, check_equal
from tracer import run_gotls


def inspect(context: Context, what: object, *options: str) -> list[dict]:
    """The objects that gotls inspect --json prints, one a file."""
    process = run_gotls(context, ["inspect", "--json", *options, what])
    check_equal(process.popen.returncode, 0, f"exit code of {' '.join(process.argv)} ({process.tail()})")
    return [json.loads(line) for line in process.stdout().splitlines()]


def sites(plan: dict) -> list[dict]:
    return [site for part in ("read", "write", "lifecycle") for site in plan[part]["sites"]]


@dataclasses.dataclass(frozen=True)
class Text:
    """The places in one process where gotls puts its probes."""

    pid: int
    places: dict[int, bytes]  # address in the process, and the two bytes that stand there in the file

    @staticmethod
    def of(context: Context, pid: int, binary: pathlib.Path, plan: str) -> "Text":
        offsets = [site["file_offset"] for site in sites(inspect(context, binary, "--plan", plan)[0])]
        places = {}
        with open(binary, "rb") as file:
            for offset in offsets:
                file.seek(offset)
                places[_address(pid, binary, offset)] = file.read(2)
        return Text(pid, places)

    def changed(self) -> int:
        """How many places differ from the file."""
        with open(f"/proc/{self.pid}/mem", "rb", buffering=0) as memory:
            count = 0
            for address, original in self.places.items():
                memory.seek(address)
                count += memory.read(2) != original
            return count


def _address(pid: int, binary: pathlib.Path, offset: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
        fields = line.split(maxsplit=5)
        if len(fields) < 6 or fields[5] != str(binary) or "x" not in fields[1]:
            continue
        begin, end = (int(part, 16) for part in fields[0].split("-"))
        at = begin + offset - int(fields[2], 16)
        if begin <= at < end:
            return at
    raise AssertionError(f"{binary} has no code at {offset:#x} in process {pid}")
