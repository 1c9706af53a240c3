"""Containers made by podman and runc, from a root file system that the test builds."""

import json
import os
import pathlib
import shutil
import subprocess
import time

import service
from case import Context, Failure, Skip

CACHE = pathlib.Path(os.environ.get("GOTLS_CACHE", pathlib.Path.home() / ".cache/gotls"))

# The limits are what a container may have that itself runs in one.
CONFIGURATION = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "none"
log_driver = "none"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
conmon_path = ["{bin}/conmon"]
# conmon starts podman at a container's end; podman waits 20 seconds for it when that fails.
conmon_env_vars = ["LD_LIBRARY_PATH={lib}"]
[engine.runtimes]
runc = ["{bin}/runc"]
"""


class Podman:
    """An engine of the test's own: storage, state and configuration are in its folder."""

    def __init__(self, context: Context):
        self.context = context
        fetched = CACHE / "podman"
        if not (fetched / "bin/podman").exists():
            raise Skip("no podman in the cache; tests/podman fetches it")
        configuration = context.file("containers.conf")
        configuration.write_text(CONFIGURATION.format(bin=fetched / "bin", lib=fetched / "lib"))
        self.words = ["env", f"CONTAINERS_CONF={configuration}", f"LD_LIBRARY_PATH={fetched / 'lib'}",
                      str(fetched / "bin/podman"), "--root", str(context.file("storage")), "--runroot",
                      str(context.file("state")), "--tmpdir", str(context.file("temporary")), "--storage-driver", "overlay"]
        self.names: list[str] = []
        tried = self._try("run", "--rm", "--rootfs", f"{self.root_file_system('try')}:O", "/bin/busybox", "true")
        if tried.returncode != 0:
            raise Skip(f"podman can't run containers here: {tried.stderr.strip().splitlines()[-1:]}")

    def _try(self, *words: object) -> subprocess.CompletedProcess:
        return subprocess.run([*self.words, *map(str, words)], capture_output=True, text=True, timeout=120)

    def run(self, *words: object) -> str:
        done = self._try(*words)
        if done.returncode != 0:
            raise Failure(f"podman {' '.join(map(str, words))}: {done.stderr.strip()[-300:]}")
        return done.stdout

    def root_file_system(self, name: str) -> pathlib.Path:
        root = self.context.file(f"root-{name}")
        for folder in ("bin", "proc", "sys", "dev", "tmp", "etc", "run"):
            (root / folder).mkdir(parents=True)
        shutil.copy(service.tool("busybox", "busybox-static"), root / "bin/busybox")
        return root

    def words_for(self, name: str, root: pathlib.Path, *options: object) -> list[str]:
        """What to put before a command to run it in a container, on an overlay of its own above `root`. The test's folder
        is there under its name."""
        self.names.append(name)
        folder = self.context.folder
        return [*self.words, "run", "--rm", "-i", "--name", name, "-v", f"{folder}:{folder}", *map(str, options),
                "--rootfs", f"{root}:O"]

    def inspect(self, name: str) -> tuple[str, int]:
        """Its id, and the pid of its first process on the host."""
        (found,) = json.loads(self.run("inspect", name))
        return found["Id"], found["State"]["Pid"]

    def close(self) -> None:
        for name in self.names:
            self._try("rm", "-f", "-t", "0", "--ignore", name)
        # podman keeps its storage mounted upon itself.
        subprocess.run(["umount", "-l", str(self.context.file("storage") / "overlay")], capture_output=True)
        # What unmounts a container's overlay comes a little later than its end.
        for _ in range(100):
            mounts = pathlib.Path("/proc/self/mounts").read_text()
            if str(self.context.folder) not in mounts:
                return
            time.sleep(0.1)
        subprocess.run(f"grep -F {self.context.folder} /proc/self/mounts | cut -d' ' -f2 | xargs -r umount -l", shell=True)
