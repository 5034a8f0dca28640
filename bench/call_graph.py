"""What callgrind wrote about a run, as a graph of functions."""

import collections
import re

Function = collections.namedtuple("Function", "object name")


class CallGraph:
    """Costs are instructions: of a function itself, and of the calls from one to another."""

    def __init__(self, text):
        self.self_cost = collections.Counter()
        self.calls = collections.defaultdict(collections.Counter)  # caller -> callee -> cost
        self._names = {}
        self._read(text)

    def total(self):
        return sum(self.self_cost.values())

    def inclusive(self, function):
        return self.self_cost[function] + sum(self.calls[function].values())

    def roots(self):
        """Functions with cost that no call accounts for, and how much."""
        called = collections.Counter()
        for callees in self.calls.values():
            called.update(callees)
        costs = {f: self.inclusive(f) - called[f] for f in {*self.self_cost, *self.calls}}
        return {f: cost for f, cost in costs.items() if cost > 0}

    def _name(self, kind, text):
        # "(7) name" the first time, "(7)" from then on.
        number, name = re.match(r"\((\d+)\)(?: (.*))?", text).groups()
        if name is not None:
            self._names[kind, number] = name
        return self._names[kind, number]

    def _read(self, text):
        here = callee = None
        here_object = callee_object = ""
        expects_call_cost = False
        for line in text.splitlines():
            if line.startswith("ob="):
                here_object = self._name("ob", line[3:])
            elif line.startswith("fn="):
                here = Function(here_object, self._name("fn", line[3:]))
                callee_object = here_object
            elif line.startswith("cob="):
                callee_object = self._name("ob", line[4:])
            elif line.startswith("cfn="):
                callee = Function(callee_object, self._name("fn", line[4:]))
                callee_object = here_object
            elif line.startswith("calls="):
                expects_call_cost = True
            elif here is not None and line[:1] in "0123456789+-*" and line:
                cost = int(line.split()[1])
                if expects_call_cost:
                    self.calls[here][callee] += cost
                    expects_call_cost = False
                else:
                    self.self_cost[here] += cost
