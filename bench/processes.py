"""The server and the clients of a comparison, each a process of its own."""

import collections
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

# What is asked of a client. A client that cannot do it answers None.
Order = collections.namedtuple("Order", "kind ops in_flight message_bytes metadata_bytes threads",
                               defaults=(1, 16, 0, 1))
Answer = collections.namedtuple("Answer", "seconds cpu_seconds allocations batches heap_bytes")

# Blocks of a megabyte cost a system call each, or none, depending on what was freed before: glibc's
# thresholds move. Pinned, they are the same for every client and for the server.
HEAP = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
        "MALLOC_TOP_PAD_": str(1 << 20)}


class Process:
    """Runs until it is closed: its standard input ends then, and it with it."""

    def __init__(self, command, pin=None, environment=()):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **HEAP, **dict(environment)},
            preexec_fn=None if pin is None else lambda: os.sched_setaffinity(0, {pin}))

    def read_line(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"bench: {self.process.args} ended with {self.process.wait()}")
        return line.strip()

    def write_line(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            sys.exit(f"bench: {self.process.args} ended with {self.process.returncode}")

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if failure is None:
            self.close()
        else:
            self.process.kill()


class Server(Process):
    """On a port of loopback and on a unix socket."""

    def __init__(self, programs, pin=None):
        self.folder = tempfile.TemporaryDirectory()
        socket = f"{self.folder.name}/server"
        super().__init__([str(programs / "weft_bench_server"), socket], pin)
        port = self.read_line().removeprefix("port ")
        self.targets = {"tcp": f"127.0.0.1:{port}", "unix": f"unix:{socket}"}


class Client(Process):
    """`name` is one of client_process.cc's, or "aio"; a number behind it makes another one of it."""

    def __init__(self, programs, name, target, pin=None, under=(), environment=()):
        program = name.rstrip("0123456789")
        if program == "aio":
            # The distribution's, which is where its gRPC is.
            command = ["/usr/bin/python3", str(HERE / "aio_client.py"), target]
        else:
            command = [str(programs / "weft_bench_client"), program, target]
        super().__init__([*under, *command], pin, environment)

    def carry_out(self, order, with_heap=False):
        self.write_line(("heap " if with_heap else "") + " ".join(map(str, order)))
        answer = self.read_line()
        if answer == "unsupported":
            return None
        return Answer(*map(float, answer.split()))
