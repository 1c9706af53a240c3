"""Programs in containers and namespaces, and gotls in them."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import typing
import uuid

import compare
import service
from capture import Capture
from case import Case, Context, Counted, Failure, Skip, check, check_equal, poll
from podman import Podman
from target import Target
from tracer import LARGE, Tracer

VERSION = "1.26"
INSIDE = pathlib.Path("/bin/target")  # where the target is in its container


class Crowd:
    """Containers of one image, each with a target that waits."""

    def __init__(self, context: Context, podman: Podman, names: typing.Sequence[str], *options: object):
        self.context, self.podman = context, podman
        self.root = podman.root_file_system("image")
        shutil.copy(context.binary(VERSION, "plain"), self.root / "bin/target")
        self.targets: dict[str, Target] = {}
        self.ids: dict[str, str] = {}
        self.pids: dict[str, int] = {}
        self.options = options
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        words = self.podman.words_for(name, self.root, *self.options)
        self.targets[name] = Target(self.context, INSIDE, "raw", name=name, prefix=words)
        self.ids[name], self.pids[name] = self.podman.inspect(name)

    def go(self) -> None:
        for target in self.targets.values():
            target.go()

    def compare(self, capture: Capture, name: str, among: bool = False, called: typing.Optional[str] = None) -> Counted:
        """This container's traffic, and what is said of where it lives; `called`: its name, if it isn't podman's."""
        target = self.targets[name]
        check_equal(target.pid, 1, f"the pid in container {name}")
        counted = compare.check_all(target.end(), capture, {1: self.pids[name]}, among)
        mine = [c for c in capture.connections.values() if c.pid == self.pids[name]]
        check(mine, f"no connection has pid {self.pids[name]}")
        for connection in mine:
            check_equal(connection.open["namespace_pid"], 1, f"{connection}: namespace_pid")
            home = connection.open["container"]
            check(home is not None, f"{connection}: no container")
            check_equal((home["id"], home["name"], home["runtime"]), (self.ids[name], called or name, "podman"), f"{connection}: container")
        return counted


def _name(context: Context, letter: str) -> str:
    return f"{context.folder.name}-{letter}"


@contextlib.contextmanager
def _podman(context: Context) -> typing.Iterator[Podman]:
    podman = Podman(context)
    try:
        yield podman
    finally:
        podman.close()


def all_of_an_image(context: Context) -> Counted:
    """Two containers of one image: one inode, two overlays. Each byte comes once, from the right one."""
    names = [_name(context, letter) for letter in "ab"]
    with _podman(context) as podman:
        crowd = Crowd(context, podman, names)
        tracer = Tracer(context, [*LARGE, "--all"]).await_attached()
        crowd.go()
        for target in crowd.targets.values():
            target.process.expect(0)
        capture = tracer.finish()
        return crowd.compare(capture, names[0], among=True) + crowd.compare(capture, names[1], among=True)


def one_of_an_image(context: Context, how: str) -> Counted:
    """Of two containers of one image one is wanted: the other's bytes stay in the kernel."""
    names = [_name(context, letter) for letter in "ab"]
    with _podman(context) as podman:
        crowd = Crowd(context, podman, names)
        words = {"name": ["--container", names[0]], "id": ["--container", crowd.ids[names[0]][:12]],
                 "pid": ["-p", crowd.pids[names[0]]]}[how]
        tracer = Tracer(context, [*LARGE, *words]).await_attached()
        crowd.targets[names[1]].go()
        crowd.targets[names[1]].end()
        crowd.targets[names[0]].go()
        crowd.targets[names[0]].process.expect(0)
        capture = tracer.finish()
        check(capture.counter("hits_other_process") > 0, "no probe was hit in the other container")
        return crowd.compare(capture, names[0])


def later(context: Context) -> Counted:
    """The container starts when gotls waits for it; another one of its image was there before."""
    names = [_name(context, letter) for letter in "ab"]
    with _podman(context) as podman:
        crowd = Crowd(context, podman, names[1:])
        tracer = Tracer(context, [*LARGE, "--container", names[0]]).await_attached()
        tracer.process.await_text("no process of such a container yet", "stderr")
        crowd.add(names[0])
        tracer.await_binary(INSIDE)
        crowd.go()
        for target in crowd.targets.values():
            target.process.expect(0)
        return crowd.compare(tracer.finish(), names[0])


def filtered(context: Context) -> Counted:
    """--filter knows containers."""
    names = [_name(context, letter) for letter in "ab"]
    with _podman(context) as podman:
        crowd = Crowd(context, podman, names)
        tracer = Tracer(context, [*LARGE, "--all", "--filter", f"container == {names[1]}"]).await_attached()
        crowd.go()
        for target in crowd.targets.values():
            target.process.expect(0)
        capture = tracer.finish(filtered=True)
        check(capture.summary["connections"] > len(capture.connections), "no connection was left out")
        return crowd.compare(capture, names[1])


def pod(context: Context) -> Counted:
    """The cgroups and the files of a Kubernetes node."""
    name, uid, space = _name(context, "a"), str(uuid.uuid4()), "gotls-test"
    folder = pathlib.Path(f"/var/log/pods/{space}_web-7f9_{uid}/app")
    with _podman(context) as podman:
        crowd = Crowd(context, podman, [name], "--cgroup-parent", f"/kubepods/burstable/pod{uid}")
        had = folder.parent.parent.exists()
        folder.mkdir(parents=True)
        try:
            tracer = Tracer(context, [*LARGE, "--all"]).await_attached()
            crowd.go()
            crowd.targets[name].process.expect(0)
            capture = tracer.finish()
        finally:
            shutil.rmtree(folder.parent)
            if not had:
                folder.parent.parent.rmdir()
        counted = crowd.compare(capture, name, among=True, called=folder.name)
        for connection in capture.connections.values():
            if connection.pid == crowd.pids[name]:
                home = connection.open["container"]
                check_equal((home["pod_uid"], home["pod"], home["namespace"]), (uid, "web-7f9", space), "the pod")
        return counted


def gotls_in_a_container(context: Context) -> Counted:
    """A privileged container with the host's pid namespace holds gotls; it traces one beside it and one of the host."""
    names = [_name(context, letter) for letter in "ag"]
    with _podman(context) as podman:
        crowd = Crowd(context, podman, names[:1])
        ours = podman.root_file_system("gotls")
        shares = []
        for path in ("/usr", "/lib", "/lib64"):
            if os.path.islink(path):
                os.symlink(os.readlink(path), ours / path[1:])
            else:
                shares += ["-v", f"{path}:{path}:ro"]
        shutil.copy(context.setting.gotls, context.file("gotls"))
        words = podman.words_for(names[1], ours, "--privileged", "--pid=host", *shares)
        host = Target(context, context.private_copy(VERSION, "plain", "gotls-host"), "raw", name="host")
        tracer = Tracer(context, [*LARGE, "--all"], prefix=words, gotls=context.file("gotls")).await_attached()
        crowd.go()
        crowd.targets[names[0]].process.expect(0)
        host.go()
        truth = host.end()
        capture = tracer.finish()  # podman hands the signal on
        return crowd.compare(capture, names[0], among=True) + compare.check_all(truth, capture, among=True)


# ---- without an engine ----


def _only_child(pid: int) -> int:
    def child() -> str:
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()

    return int(str(poll(child, f"a child of {pid}")).split()[0])


def _pids(host_pid: int) -> list[int]:
    """Of a process, from the host's namespace down to its own."""
    status = pathlib.Path(f"/proc/{host_pid}/status").read_text()
    return [int(word) for word in next(l for l in status.splitlines() if l.startswith("NSpid:")).split()[1:]]


SCRIPT = """set -e
{cgroup}
cd {folder}
mkdir -p upper work merged lower/proc lower/{folder}
mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged
mount --bind {folder} merged/{folder}
mount -t proc proc merged/proc
exec chroot merged "$@"
"""


def overlay(context: Context) -> Counted:
    """What a container is made of, by hand: namespaces, an overlay, the cgroup of a pod."""
    uid, identity = str(uuid.uuid4()), os.urandom(32).hex()
    mounted = [l.split()[1] for l in pathlib.Path("/proc/self/mounts").read_text().splitlines()
               if l.split()[2] == "cgroup2" or "name=systemd" in l.split()[3]]
    if not mounted:
        raise Skip("no cgroup file system that names processes is mounted")
    group = pathlib.Path(f"{mounted[0]}/gotls-test-{os.getpid()}/kubepods/burstable/pod{uid}/{identity}")
    lower = context.file("lower")
    (lower / "bin").mkdir(parents=True)
    shutil.copy(context.binary(VERSION, "plain"), lower / "bin/target")
    try:
        group.mkdir(parents=True)
    except OSError as error:
        raise Skip(f"no cgroup can be made: {error}") from None
    try:
        script = SCRIPT.format(folder=context.folder, cgroup=f"echo $$ > {group}/cgroup.procs")
        tracer = Tracer(context, [*LARGE, "-vv", "--container", identity[:16]]).await_attached()
        # The group first: who makes a pid namespace stays in its own.
        # Over a Unix socket: in a network namespace of its own nothing else is up.
        traced = Target(context, INSIDE, "raw-unix", prefix=["unshare", "-m", "-p", "-n", "-f", "sh", "-c", script, "sh"])
        tracer.await_binary(context.file("merged") / "bin/target")
        host = _only_child(traced.process.pid)
        traced.go()
        truth = traced.end()
        capture = tracer.finish()
        counted = compare.check_all(truth, capture, {traced.pid: host})
        for connection in capture.connections.values():
            home = connection.open["container"]
            check_equal((home["id"], home["pod_uid"]), (identity, uid), "the container")
            check_equal(connection.open["namespace_pid"], traced.pid, "namespace_pid")
        return counted
    finally:
        for folder in (group, *list(group.parents)[:4]):
            with contextlib.suppress(OSError):
                folder.rmdir()


def nested_namespaces(context: Context) -> Counted:
    """gotls in a pid namespace of its own sees who lives in one below."""
    holder = context.start(["unshare", "-p", "-f", "--mount-proc", "sleep", "1000"], "holder")
    first = _only_child(holder.pid)
    enter = ["nsenter", "-t", str(first), "-p", "-m"]
    binary = context.private_copy(VERSION, "plain", "gotls-below")
    tracer = Tracer(context, [*LARGE, "--all"], prefix=enter).await_attached()
    beside = Target(context, binary, "raw", name="beside", prefix=enter)
    below = Target(context, binary, "raw", name="below", prefix=[*enter, "unshare", "-p", "-f", "--mount-proc"])
    tracer.await_binary(binary)
    unshare = _only_child(below.process.pid)
    pids = _pids(_only_child(unshare))
    check_equal(len(pids), 3, "the number of namespaces of the target below")
    check_equal(pids[2], below.pid, "its pid in its own namespace")
    for target in (beside, below):
        target.go()
    truths = beside.end(), below.end()
    os.kill(_only_child(tracer.pid), signal.SIGINT)
    tracer.process.expect(0)
    capture = tracer.capture()
    counted = compare.check_all(truths[1], capture, {pids[2]: pids[1]}, among=True)
    inner = [c for c in capture.connections.values() if c.pid == pids[1]]
    check_equal({c.open["namespace_pid"] for c in inner}, {pids[2]}, "namespace_pid")
    return counted + compare.check_all(truths[0], capture, among=True)


def cases() -> list[Case]:
    found = [Case(f"container/{how}", one_of_an_image, (how,)) for how in ("name", "id", "pid")]
    found += [Case("container/later", later), Case("container/overlay", overlay)]
    found += [Case(f"container/{name}", run, alone=True) for name, run in
              (("all", all_of_an_image), ("filter", filtered), ("pod", pod), ("gotls-inside", gotls_in_a_container),
               ("nested-namespaces", nested_namespaces))]
    return found
