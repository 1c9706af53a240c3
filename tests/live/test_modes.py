"""The ways to name a target: each must find it, and all its bytes."""

import os
import pathlib
import re
import shutil
import signal
import subprocess

import compare
import target
import truth
from case import Case, Context, Counted, check, check_equal, poll
from target import Target
from tracer import LARGE, Tracer, run_gotls

VERSION = "1.26"


def before(context: Context, how: list[str]) -> Counted:
    """gotls is there first, and learns of the binary when it starts."""
    binary = context.private_copy(VERSION, "plain", f"gotls-b{os.getpid()}")
    words = [w.format(path=binary, name=binary.name, folder=binary.parent) for w in how]
    tracer = Tracer(context, [*LARGE, *words]).await_attached()
    traced = Target(context, binary, "raw")
    tracer.await_binary(binary)
    traced.go()
    return compare.check_all(traced.end(), tracer.finish(), among="--all" in how)


def before_first_byte(context: Context) -> Counted:
    """A glob that names an existing file: its first byte is captured, nobody waits for anybody."""
    binary = context.private_copy(VERSION, "plain", "gotls-first")
    tracer = Tracer(context, [*LARGE, "--exe", f"{binary.parent}/gotls-f*t"]).await_attached()
    found = [Target(context, binary, "short", hold=False, name=f"t{i}").end() for i in range(2)]
    both = truth.Truth([c for one in found for c in one.connections], [], [])
    return compare.check_all(both, tracer.finish())


def after(context: Context, how: list[str]) -> Counted:
    """The process is there first, and waits."""
    binary = context.private_copy(VERSION, "plain", f"gotls-a{os.getpid()}")
    traced = Target(context, binary, "raw")
    words = [w.format(path=binary, name=binary.name, folder=binary.parent, pid=traced.pid) for w in how]
    tracer = Tracer(context, [*LARGE, *words]).await_attached()
    traced.go()
    return compare.check_all(traced.end(), tracer.finish(), among="--all" in how)


def not_others(context: Context) -> Counted:
    """With -p, another process of the same binary is left alone."""
    binary = context.private_copy(VERSION, "plain", "gotls-two")
    traced, other = Target(context, binary, "raw"), Target(context, binary, "raw", name="other")
    tracer = Tracer(context, [*LARGE, "-p", traced.pid]).await_attached()
    other.go()
    other.end()
    traced.go()
    return compare.check_all(traced.end(), tracer.end())


def several(context: Context) -> Counted:
    """Two pids of two binaries; gotls ends when both have ended."""
    targets = [Target(context, context.binary(v, "plain"), "raw", name=f"t{v}") for v in ("1.15", "1.27")]
    tracer = Tracer(context, [*LARGE, "-p", targets[0].pid, "-p", targets[1].pid]).await_attached()
    both = truth.Truth([], [], [])
    for traced in targets:
        traced.go()
        both.connections += traced.end().connections
    return compare.check_all(both, tracer.end())


def shell(context: Context) -> Counted:
    """A command that starts the target as a child, twice, and at last becomes it."""
    log, binary = context.file("log"), context.binary(VERSION, "plain")
    words = " ".join(target.arguments(binary, "raw", log))
    tracer = Tracer(context, [*LARGE, "--", "sh", "-c", f"{words} && {words} && exec {words}"])
    capture = tracer.end()
    found = truth.load(log)
    check_equal(len({c.pid for c in found.connections}), 3, "the number of processes")
    return compare.check_all(found, capture)


def script(context: Context) -> Counted:
    """Programs that no word of the command names: a script runs three of them, each complete from its first byte."""
    log, file = context.file("log"), context.file("script")
    copies = [context.private_copy(v, "stripped", f"gotls-script{v}") for v in ("1.15", "1.24", "1.27")]
    lines = [" ".join(target.arguments(binary, "raw", log)) for binary in copies]
    pathlib.Path(file).write_text("#!/bin/sh\nset -e\n" + "\n".join(lines[:-1]) + "\nexec " + lines[-1] + "\n")
    pathlib.Path(file).chmod(0o755)
    capture = Tracer(context, [*LARGE, "--", file]).end()
    found = truth.load(log)
    check_equal(len({c.pid for c in found.connections}), 3, "the number of processes")
    return compare.check_all(found, capture)


def host_of_library(context: Context) -> Counted:
    """A C program that loads a Go library while it runs."""
    log, host = context.file("log"), context.binary(VERSION, "cshared", "host")
    words = target.arguments(host, "raw", log)
    tracer = Tracer(context, [*LARGE, "--", *words], stdin=subprocess.PIPE)
    tracer.await_binary(host.parent / "libtarget.so")
    tracer.process.write_line()
    capture = tracer.end()
    return compare.check_all(truth.load(log), capture)


def pid_namespace(context: Context) -> Counted:
    """The target has another pid for itself than for us."""
    binary = context.private_copy(VERSION, "plain", "gotls-namespace")
    tracer = Tracer(context, [*LARGE, "--all"]).await_attached()
    traced = Target(context, binary, "raw", prefix=["unshare", "-p", "-f", "--mount-proc"])
    tracer.await_binary(binary)
    ours = pathlib.Path(f"/proc/{traced.process.pid}/task/{traced.process.pid}/children").read_text().split()
    check_equal(len(ours), 1, "the number of children of unshare")
    check(traced.pid != int(ours[0]), f"pid {traced.pid} is the same inside and outside")
    pids = {traced.pid: int(ours[0])}
    traced.go()
    return compare.check_all(traced.end(), tracer.finish(), pids, among=True)


def both_ends(context: Context) -> Counted:
    """Server and client in two processes."""
    binary = context.private_copy(VERSION, "plain", "gotls-ends")
    tracer = Tracer(context, [*LARGE, "--exe", binary]).await_attached()
    server = Target(context, binary, "raw", ["-role", "server"], hold=False, name="server")
    server.process.await_text("listening ")
    at = re.search(r"listening (\S+)", server.process.stdout())[1]
    client = Target(context, binary, "raw", ["-role", "client", "-connect", at], hold=False, name="client")
    both = truth.Truth(server.end().connections + client.end().connections, [], [])
    return compare.check_all(both, tracer.finish())


def watched_over(context: Context) -> Counted:
    """A program that works in a second process of itself, which the user doesn't name: gotls says so."""
    binary = context.private_copy(VERSION, "plain", "gotls-watched")
    traced = Target(context, binary, "spawn-child", ["-child", "soak"])
    traced.go()
    traced.process.await_text("child ")
    child = int(re.search(r"child (\d+)", traced.process.stdout())[1])
    tracer = Tracer(context, [*LARGE, "-p", traced.pid]).await_attached()
    second = Tracer(context, [*LARGE, "-p", child], "second").await_attached()
    poll(lambda: second.chunks_so_far() > 50, "chunks of the child")
    found = tracer.finish()
    os.kill(child, signal.SIGTERM)
    traced.process.expect(0)
    check_equal(len(found.connections), 0, "connections of the process that watches")
    said = tracer.process.stderr()
    for text in (f"-p takes no children, here {child} (exe), which run the same program", f"--exe {binary}\n",
                 "other processes that run the same program had TLS traffic"):
        check(text in said, f"{text!r} isn't in: {said}")
    said = second.process.stderr()
    check("other processes" not in said and "-p takes" not in said, f"no reason to speak of others: {said}")
    return Counted(4, second.finish().summary["read"]["bytes"])


def wrapped(context: Context) -> Counted:
    """-p with a process that only started what the user means."""
    traced = Target(context, context.private_copy(VERSION, "plain", "gotls-wrapped"), "raw", prefix=["timeout", "600"])
    process = run_gotls(context, ["trace", "-p", traced.process.pid])
    process.expect(3)
    wanted = f"not a Go program; -p takes no children, here {traced.pid} (gotls-wrapped)\n"
    check(process.stderr().endswith(wanted), f"not told of the child: {process.stderr()}")
    traced.go()
    return Counted(len(traced.end().connections), 0)


def nothing_hooked(context: Context) -> Counted:
    """Who waited for output that could not come is told why."""
    plain = context.private_copy(VERSION, "plain", "gotls-hooked")
    for arguments, wanted in (
            (["--", "/bin/true"], "nothing was hooked: /bin/true: not a Go program\n"),
            (["--", "sh", "-c", "/bin/true; /bin/false"], "nothing was hooked: none of the 3 programs that matched is a Go program"),
            (["--duration", "1", "--exe", "/no/such/program"], "nothing was hooked: no program matched\n"),
            (["--duration", "1", "--exe", plain], None)):
        process = run_gotls(context, ["trace", "-o", "json:/dev/null", *arguments])
        process.expect(0)
        said = process.stderr()
        check("nothing was hooked" not in said if wanted is None else wanted in said, f"{arguments}: {said}")
    return Counted(0, 0)


# ---- a binary that is built anew while gotls looks ----


def _run_once(context: Context, tracer: Tracer, binary: pathlib.Path, times: int) -> truth.Truth:
    traced = Target(context, binary, "raw", name="rebuilt")
    tracer.await_binary(binary, times)
    traced.go()
    return traced.end()


def rebuilt(context: Context, rename: bool, plan: str) -> Counted:
    """Another program at the same path; gotls must neither miss it nor leave old probes in it."""
    binary = context.private_copy("1.24", "plain", "gotls-rebuilt")
    inode = binary.stat().st_ino
    tracer = Tracer(context, [*LARGE, "--plan", plan, "--exe", binary]).await_attached()
    running = Target(context, binary, "raw", name="early") if rename else None
    found = _run_once(context, tracer, binary, 1)
    for times, version in enumerate(("1.27", "1.15"), 2):
        source = context.binary(version, "plain")
        if rename:
            fresh = context.file("fresh")
            shutil.copy(source, fresh)
            fresh.rename(binary)
        else:
            # The write waits until gotls has taken its probes out; it must not wait for ever.
            copy = context.start(["cp", source, binary], "cp")
            copy.expect(0)
            check_equal(binary.stat().st_ino, inode, "the inode")
        found.connections += _run_once(context, tracer, binary, times).connections
    if running:  # the first file lives on under no name
        running.go()
        found.connections += running.end().connections
    return compare.check_all(found, tracer.finish())


def new_release(context: Context) -> Counted:
    """--exe with a path as one types it, relative and over a link, which leads to another file later."""
    folder = context.folder / "app"
    for release, version in (("1", "1.24"), ("2", "1.27")):
        (folder / release).mkdir(parents=True)
        shutil.copy(context.binary(version, "plain"), folder / release / "gotls-release")
    (folder / "current").symlink_to("1")
    binary = folder / "current/gotls-release"
    name = os.path.relpath(binary, context.folder)
    tracer = Tracer(context, [*LARGE, "--exe", name], prefix=["env", "-C", context.folder]).await_attached()
    found = _run_once(context, tracer, binary, 1)
    (folder / "fresh").symlink_to("2")
    (folder / "fresh").rename(folder / "current")
    second = Target(context, binary, "raw", name="second")
    tracer.await_binary(folder / "2/gotls-release")
    second.go()
    found.connections += second.end().connections
    shutil.copy(context.binary("1.15", "plain"), folder / "2/fresh")
    (folder / "2/fresh").rename(folder / "2/gotls-release")
    third = Target(context, binary, "raw", name="third")
    tracer.await_binary(folder / "2/gotls-release", 2)
    third.go()
    found.connections += third.end().connections
    return compare.check_all(found, tracer.finish())


def many_processes(context: Context) -> Counted:
    """Hundreds of programs that come and go are no target, and no trouble."""
    binary = context.private_copy(VERSION, "plain", "gotls-many")
    tracer = Tracer(context, [*LARGE, "--all"]).await_attached()
    crowd = context.start(["sh", "-c", "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done"], "crowd")
    crowd.expect(0)
    traced = Target(context, binary, "raw")
    tracer.await_binary(binary)
    traced.go()
    return compare.check_all(traced.end(), tracer.finish(), among=True)


def cases(plans: list[str]) -> list[Case]:
    ways = {"all": ["--all"], "exe-name": ["--exe", "{name}"], "exe-glob": ["--exe", "{folder}/*-b*"],
            "comm": ["--comm", "{name}"]}
    found = [Case(f"before/{name}", before, (how,), alone=name == "all") for name, how in ways.items()]
    ways |= {"exe-glob": ["--exe", "{folder}/*-a*"], "exe-path": ["--exe", "{path}"], "pid": ["-p", "{pid}"]}
    found += [Case(f"after/{name}", after, (how,), alone=name == "all") for name, how in ways.items()]
    found += [Case(f"rebuilt/{how}/{plan}", rebuilt, (how == "rename", plan)) for plan in plans for how in ("in-place", "rename")]
    found += [Case(f.__name__.replace("_", "-"), f) for f in
              (before_first_byte, not_others, several, shell, script, host_of_library, both_ends, watched_over, wrapped,
               nothing_hooked, new_release)]
    found += [Case(f.__name__.replace("_", "-"), f, alone=True) for f in (pid_namespace, many_processes)]
    return found
