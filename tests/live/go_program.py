"""Small Go programs that stand beside the tests, built as they are wanted with a toolchain that builds the targets."""

import os
import pathlib
import subprocess

from case import Context, Failure, Skip

HERE = pathlib.Path(__file__).resolve().parent


def build(context: Context, name: str, version: str) -> pathlib.Path:
    """tests/live/NAME/main.go, as gotls-NAME in the test's folder."""
    goroot = context.setting.toolchains / version
    if not (goroot / "bin/go").exists():
        raise Skip(f"no {goroot}; tests/toolchains fetches it")
    cache = context.setting.toolchains.parent
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "GOROOT": str(goroot), "GOENV": "off",
                   "GOTOOLCHAIN": "local", "GOPROXY": "off", "GO111MODULE": "off", "CGO_ENABLED": "0",
                   "GOCACHE": str(cache / "go-build"), "GOPATH": str(cache / "gopath")}
    program = context.file(f"gotls-{name}")
    words = [goroot / "bin/go", "build", "-p", "1", "-o", program, HERE / name / "main.go"]
    built = subprocess.run(words, env=environment, cwd=context.folder, capture_output=True, text=True, check=False)
    if built.returncode:
        raise Failure(f"{name}/main.go does not build: {built.stderr.strip()}")
    return program
