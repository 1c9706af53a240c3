"""The command's other promises: exit codes, messages, outputs, recordings, inspect."""

import os
import shutil
import signal
import stat
import subprocess

import compare
import truth
from case import Case, Context, Counted, Process, Skip, check, check_equal, poll
from probes import inspect, sites
from target import Target, arguments
from tracer import LARGE, Tracer, json_to, run_gotls

VERSION = "1.26"
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]


def check_refusal(process: Process, code: int, *parts: str, lines: int = 1) -> None:
    """It ended with this code, and said why in a line."""
    said = process.stderr().strip().splitlines()
    what = f"{' '.join(process.argv)}: exit code {process.popen.returncode}, stderr {said}"
    check(process.popen.returncode == code, f"{what}; wanted {code}")
    check(len(said) == lines, f"{what}; wanted {lines} line(s)")
    check(said[0].startswith("gotls: "), what)
    for part in parts:
        check(part in "\n".join(said), f"{what}; wanted {part!r} in it")
    check(process.stdout() == "", f"{what}; and on stdout {process.stdout()[:200]!r}")


# ---- exit codes ----


def bad_targets(context: Context) -> Counted:
    gone = context.start(["true"], "true")
    gone.expect(0)
    check_refusal(run_gotls(context, ["trace", "-p", gone.pid]), 3, str(gone.pid))
    sleep = context.start(["sleep", "600"], "sleep")
    check_refusal(run_gotls(context, ["trace", "-p", sleep.pid]), 3, str(sleep.pid), "Go")
    check_refusal(run_gotls(context, ["inspect", sleep.pid]), 3, "Go")
    check_refusal(run_gotls(context, ["inspect", "/bin/sleep"]), 3, "/bin/sleep", "Go")
    check_refusal(run_gotls(context, ["inspect", context.file("nothing")]), 3, "nothing")
    check_refusal(run_gotls(context, ["trace", "--", "/no/such/program"]), 3, "/no/such/program")
    check(sleep.running(), "sleep did not survive")
    traced = Target(context, context.binary(VERSION, "plain"), "raw")
    thread = max(int(name) for name in os.listdir(f"/proc/{traced.pid}/task") if name != str(traced.pid))
    check_refusal(run_gotls(context, ["trace", "-p", thread]), 3, f"pid {thread}: a thread of process {traced.pid}; use -p {traced.pid}")
    return Counted()


def no_tls(context: Context) -> Counted:
    gofmt = context.setting.toolchains / VERSION / "bin/gofmt"
    if not gofmt.exists():
        raise Skip(f"no {gofmt}")
    process = context.start([gofmt], "gofmt", subprocess.PIPE)
    check_refusal(run_gotls(context, ["trace", "-p", process.pid]), 3, str(process.pid), "crypto/tls")
    check_refusal(run_gotls(context, ["inspect", gofmt]), 3, "gofmt", "crypto/tls")
    process.close_stdin()
    process.expect(0)
    return Counted()


def bad_usage(context: Context) -> Counted:
    traced = Target(context, context.binary(VERSION, "plain"), "raw")
    for words in (["-o", "json:/no/such/dir/x"], ["-o", "morse"], ["-o", "morse:x"], ["-o", f"json:{context.folder}"],
                  ["--plan", "best"], ["--ring", "much"], ["--max-op", "0"], ["--duration", "soon"], ["--count", "0"],
                  ["--count", "-1"], ["--count", "many"]):
        process = run_gotls(context, ["trace", "-v", "-p", traced.pid, *words])
        said = process.stderr()
        what = f"{' '.join(words)}: exit code {process.popen.returncode}, stderr {said!r}"
        check(process.popen.returncode == 2 and said.startswith("gotls: ") and len(said.splitlines()) <= 2, what)
        check("attached" not in said, f"{what}; it attached first")
    for words in ([], ["trace"], ["trace", "--all", "--", "true"], ["dance"], ["inspect"], ["trace", "--dance"]):
        check_equal(run_gotls(context, words).popen.returncode, 2, f"exit code of gotls {' '.join(words)}")
    for words in (["--version"], ["help"], ["trace", "--help"], ["help", "trace"]):
        check_equal(run_gotls(context, words).popen.returncode, 0, f"exit code of gotls {' '.join(words)}")
    traced.go()
    traced.end()
    return Counted()


def _for_all(context: Context) -> str:
    """A gotls that nobody can run, and a folder for its files."""
    context.folder.chmod(0o777)
    copy = context.file("gotls")
    shutil.copy(context.setting.gotls, copy)
    copy.chmod(0o755)
    return str(copy)


def unprivileged(context: Context) -> Counted:
    gotls = _for_all(context)
    traced = Target(context, context.binary(VERSION, "plain"), "raw")
    for words in (["-p", str(traced.pid)], ["--all"], ["--", "true"]):
        process = context.start([*NOBODY, gotls, "trace", *words], "nobody")
        process.wait()
        check_refusal(process, 4, "CAP_BPF", "CAP_PERFMON", "Try: sudo", " ".join(["trace", *words]), lines=2)
    doctor = context.start([*NOBODY, gotls, "doctor"], "nobody")
    check_equal(doctor.wait(), 4, f"exit code of doctor ({doctor.stdout()})")
    check_equal(run_gotls(context, ["doctor"]).popen.returncode, 0, "exit code of doctor as root")
    traced.go()
    traced.end()
    return Counted()


def output_breaks(context: Context) -> Counted:
    """One output's disk is full: said once, and the others get all."""
    log = context.file("log")
    words = arguments(context.binary(VERSION, "plain"), "raw", log)
    tracer = Tracer(context, ["-o", "text:/dev/full", *LARGE, "--", *words])
    tracer.process.expect(1)
    said = [line for line in tracer.process.stderr().splitlines() if "No space left" in line]
    check_equal(len(said), 1, f"lines about the full disk {said}")
    return compare.check_all(truth.load(log), tracer.capture())


def only_output_breaks(context: Context) -> Counted:
    """Nobody listens any more: gotls ends, the target does not."""
    traced = Target(context, context.binary(VERSION, "plain"), "soak")
    process = context.start([context.setting.gotls, "trace", "-v", "-p", traced.pid, "-o", "json:/dev/full"], "gotls")
    process.await_text("attached by", "stderr")
    traced.go()
    process.expect(1)
    traced.stop()
    traced.end()
    return Counted()


# ---- outputs ----


def replay(context: Context, scenario: str, plan: str) -> Counted:
    """A recording gives the same output as the live session, to the byte, for anybody who may read it."""
    log, record = context.file("log"), context.file("recording")
    words = arguments(context.binary(VERSION, "plain"), scenario, log)
    tracer = Tracer(context, ["--plan", plan, "--ring", "64KiB", "-o", f"record:{record}", "--", *words])
    live = tracer.end()
    check(live.connections, "nothing was captured")
    for path in (tracer.output, record):
        check_equal(stat.S_IMODE(path.stat().st_mode), 0o600, f"mode of {path.name}")
    for again in ("again", "again2"):
        process = run_gotls(context, ["replay", record, "-o", json_to(context.file(again), "chunks")])
        process.expect(0)
        _check_same(context, tracer, again)
    gotls = _for_all(context)
    record.chmod(0o644)
    process = context.start([*NOBODY, gotls, "replay", record, "-o", json_to(context.file("nobodys"), "chunks")], "nobody")
    process.expect(0)
    _check_same(context, tracer, "nobodys")
    total = live.summary["read"]["bytes"] + live.summary["write"]["bytes"]
    return Counted(len(live.connections), total)


def _check_same(context: Context, tracer: Tracer, name: str) -> None:
    live, again = tracer.output.read_bytes(), context.file(name).read_bytes()
    if live != again:
        number = next((i for i, (a, b) in enumerate(zip(live.splitlines(), again.splitlines())) if a != b), -1)
        difference = [data.splitlines()[number][:300] for data in (live, again)]
        check(False, f"the replay differs from the live output in line {number + 1}: {difference}")


def texts(context: Context) -> Counted:
    """The outputs for people: there, and harmless to a terminal."""
    log, hexed = context.file("log"), context.file("hex")
    words = arguments(context.binary(VERSION, "plain"), "raw", log)
    process = context.start([context.setting.gotls, "trace", *LARGE, "-o", "text", "-o", f"hex:{hexed}", "--", *words], "gotls")
    process.expect(0)
    for path in (process.out_path, hexed):
        data = path.read_bytes()
        check(b"quick brown fox" in data, f"{path.name} has nothing of the traffic")
        bad = [b for b in data if b < 0x20 and b not in b"\n\t\r" or b == 0x7F]
        check(not bad, f"{path.name} has control characters: {sorted(set(bad))}")
    check("2 connections of 1 process" in process.stderr(), f"no summary: {process.tail()}")
    return Counted(2, len(data))


def ends_by_itself(context: Context, words: list[str], chunks: int) -> Counted:
    """--duration and --count; the target goes on."""
    traced = Target(context, context.binary(VERSION, "plain"), "soak")
    tracer = Tracer(context, [*LARGE, "-p", traced.pid, *words]).await_attached()
    traced.go()
    found = tracer.end()
    if chunks:
        check_equal(found.chunks, chunks, "the number of chunks")
    check(found.chunks > 0, "no chunk")
    check(traced.process.running(), traced.process.describe())
    traced.stop()
    traced.end()
    return Counted(len(found.connections), found.summary["read"]["bytes"] + found.summary["write"]["bytes"])


def file_limit(context: Context) -> Counted:
    """gotls raises its own limit of open files, not that of the command."""
    low = ["sh", "-c", 'ulimit -Sn 20; exec "$@"', "sh"]
    path, log = context.binary(VERSION, "plain"), context.file("log")
    tracer = Tracer(context, [*LARGE, "--", "sh", "-c", f"ulimit -Sn; exec {path} -scenario raw -log {log}"], prefix=low)
    capture = tracer.end()
    check_equal(tracer.process.stdout().splitlines()[0], "20", "the limit of the command")
    return compare.check_all(truth.load(log), capture)


def late_at_an_exec(context: Context) -> Counted:
    """A child that meets a stopped gotls at its exec runs all the same, and gotls says what that means."""
    log, script = context.file("log"), context.file("script")
    script.write_text(f"echo waiting; read line; exec {context.binary(VERSION, 'plain')} -scenario raw -log {log}\n")
    tracer = Tracer(context, [*LARGE, "--", "sh", script], stdin=subprocess.PIPE)
    tracer.process.await_text("waiting")
    tracer.process.signal(signal.SIGSTOP)
    tracer.process.write_line("go")
    poll(lambda: log.exists() and "conn" in log.read_text(), "the target's log")
    tracer.process.signal(signal.SIGCONT)
    tracer.end()
    check("ran before it was hooked" in tracer.process.stderr(), "no warning")
    return Counted()


# ---- inspect ----


def inspect_file(context: Context, version: str, flavour: str) -> Counted:
    binary = context.binary(version, flavour)
    found = inspect(context, binary)
    check_equal(len(found), 1, "the number of objects")
    facts = found[0]
    check(facts["go_version"].startswith(f"go{version}"), f"go_version is {facts['go_version']}")
    check_equal(facts["arch"], "arm64" if flavour == "arm64" else "amd64", "arch")
    check_equal(facts["stripped"], flavour == "stripped", "stripped")
    check_equal(facts["shared_library"], flavour == "cshared", "shared_library")
    check_equal(facts["position_independent"], flavour in ("pie", "cgopie", "cshared"), "position_independent")
    for direction in ("read", "write"):
        plan = facts[direction]
        check(plan["sites"], f"{direction}: no site")
        check_equal(plan["kind"], "lean", f"{direction} ({plan['reason']})")
        costs = {site["cost"] for site in plan["sites"]}
        check_equal(costs, {"emulated"}, f"{direction}: the costs of its sites")
    classic = inspect(context, binary, "--plan", "classic")[0]
    check_equal([classic[d]["kind"] for d in ("read", "write")], ["classic", "classic"], "kinds of the classic plan")
    check(sites(classic), "the classic plan has no site")
    return Counted()


def inspect_pid(context: Context) -> Counted:
    traced = Target(context, context.binary(VERSION, "pie"), "raw")
    found = inspect(context, traced.pid)
    check_equal([f["file"] for f in found], [str(context.binary(VERSION, "pie"))], "files of a program")
    host = context.binary(VERSION, "cshared", "host")
    loaded = Target(context, host, "raw", name="host")
    library = os.path.realpath(host.parent / "libtarget.so")
    check_equal([f["file"] for f in inspect(context, loaded.pid)], [library], "files of a program with a library")
    for process in (traced, loaded):
        process.go()
        process.end()
    return Counted()


def cases(level: str, versions: list[str], flavours: list[str], plans: list[str]) -> list[Case]:
    found = [Case(f.__name__.replace("_", "-"), f) for f in
             (bad_targets, no_tls, bad_usage, unprivileged, output_breaks, only_output_breaks, texts,
              file_limit, late_at_an_exec, inspect_pid)]
    found += [Case("duration", ends_by_itself, (["--duration", "1s"], 0)), Case("count", ends_by_itself, (["--count", "5"], 5))]
    found += [Case(f"replay/{scenario}/{plan}", replay, (scenario, plan))
              for plan in plans for scenario in ("raw", "parallel", "reuse", "writers", "writefail", "spawn-child")]
    if level == "quick":
        versions = [v for v in versions if v in ("1.15", "1.27")]
    found += [Case(f"inspect/go{version}/{flavour}", inspect_file, (version, flavour))
              for version in versions for flavour in [*flavours, "arm64"]]
    return found
