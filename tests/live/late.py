"""late: a Python program that loads Go libraries by ctypes when it is told to; the same commands as
late.c. With --fork a child does the work, which has never run an exec."""

import ctypes
import os
import sys
import threading

libraries, threads, results = [], [], []


def say(text: str) -> None:
    print(text, flush=True)


def work(number: int, words: list[str]) -> None:
    results.append(libraries[number].run_scenario(*(word.encode() for word in words)))


if sys.argv[1:] == ["--fork"]:
    child = os.fork()
    if child != 0:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
say(f"ready {os.getpid()}")
for line in sys.stdin:
    command, *words = line.split()
    if command == "load":
        libraries.append(ctypes.CDLL(words[0]))
        say(f"loaded {len(libraries) - 1}")
    elif command == "run":
        threads.append(threading.Thread(target=work, args=(int(words[0]), words[1:])))
        threads[-1].start()
    else:
        for thread in threads:
            thread.join()
        if any(results):
            sys.exit("late: a library failed")
        say("done")
