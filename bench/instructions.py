"""Instructions per operation of a client's process, all threads, counted by callgrind."""

import pathlib
import re
import statistics
import sys
import tempfile

from processes import Client, Server

CLIENTS = ("core", "weft")


class Counted:
    """A client under callgrind: every order it carries out makes a file of its own."""

    def __init__(self, programs, name, target, folder, environment=()):
        self.out = pathlib.Path(folder) / f"{name}{len(environment)}"
        self.parts = 0
        self.client = Client(programs, name, target, under=(
            "valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no",
            f"--callgrind-out-file={self.out}"), environment=environment)

    def text(self, order):
        """What callgrind wrote about the whole order; None if the client cannot do it."""
        if self.client.carry_out(order) is None:
            return None
        self.parts += 1
        text = pathlib.Path(f"{self.out}.{self.parts}").read_text()
        if f"Client Request: {order.kind}" not in text:
            sys.exit("bench: the program was built without valgrind/callgrind.h")
        return text

    def instructions(self, order):
        text = self.text(order)
        if text is None:
            return None
        return int(re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE).group(1))

    def per_op(self, order, repetitions):
        """The median of differences of two counts: what an order costs once, it costs both."""
        few = order._replace(ops=max(order.ops // 10, 2 * order.in_flight * order.threads))
        many = few._replace(ops=few.ops + max(order.ops // 2, 2 * few.ops))
        if self.instructions(few) is None:  # warms up
            return None
        return statistics.median(
            (self.instructions(many) - self.instructions(few)) / (many.ops - few.ops)
            for _ in range(repetitions))


def per_op(programs, workloads, clients=CLIENTS, repetitions=1):
    """{(workload, client): instructions}, without what a client cannot do."""
    counts = {}
    with Server(programs) as server, tempfile.TemporaryDirectory() as folder:
        for client in clients:
            for socket in sorted({workload.socket for workload in workloads.values()}):
                counted = Counted(programs, client, server.targets[socket], folder)
                with counted.client:
                    for name, workload in workloads.items():
                        if workload.socket == socket:
                            count = counted.per_op(workload.order, repetitions)
                            if count is not None:
                                counts[name, client] = count
    return counts
