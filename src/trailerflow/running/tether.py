"""Becomes another program that dies with the process that started it.

`child.py` and `private_service.py` put `command()` before every command line; this file then runs as a bare script,
without site-packages, so that it costs a few milliseconds. It must never import anything but the standard library.
On Linux the kernel itself keeps the promise, even when the parent is killed; elsewhere the parent has to do it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def command() -> list[str]:
    """Return the words to put before a command line, so that it is tied to the calling process."""
    return [sys.executable, "-I", "-S", os.path.realpath(__file__), str(os.getpid())]


def main() -> None:
    """Tie this process to its parent, then become the program that the arguments name."""
    parent, *program = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != int(parent):  # it died before the tie held
        sys.exit(1)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and an ignored signal survives exec
    os.execvp(program[0], program)  # noqa: S606 - becoming the program is what this file is for


if __name__ == "__main__":
    main()
