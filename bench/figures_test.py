#!/usr/bin/env python3
"""Tests of what turns measurements into figures and judges them."""

import copy
import random
import unittest

import call_graph
import document
import flame_graph
import paired
import thresholds
from compare import TITLES


class MedianInterval(unittest.TestCase):
    def test_is_the_narrowest_that_the_binomial_distribution_allows(self):
        # From tables of the sign test, for 95 %.
        for count, ranks in ((6, (1, 6)), (9, (2, 8)), (15, (4, 12)), (31, (10, 22)), (50, (18, 33))):
            self.assertEqual(paired.median_ranks(count), ranks)

    def test_gives_the_extremes_of_few_values(self):
        self.assertEqual(paired.median_ranks(3), (1, 3))

    def test_contains_the_true_median_as_often_as_it_says(self):
        numbers = random.Random(7)
        hits = 0
        for _ in range(2000):
            spread = paired.Spread([numbers.expovariate(1) for _ in range(15)])
            hits += spread.low <= 0.6931 <= spread.high
        self.assertGreaterEqual(hits / 2000, 0.95)

    def test_ratios_are_of_the_same_round(self):
        self.assertEqual(paired.ratios([2, 30], [1, 10]), [2, 3])
        with self.assertRaises(ValueError):
            paired.ratios([1, 2], [1])


class Thresholds(unittest.TestCase):
    held = {"unary": {"batches_per_op": 1, "allocs_beyond_core": 0.0,
                      "instructions_beyond_core": 5000, "core_allocs_per_op": 12.0,
                      "core_instructions_per_op": 60000}}

    def findings(self, **changes):
        now = copy.deepcopy(self.held)
        now["unary"].update(changes)
        return list(thresholds.findings(now, self.held))

    def test_are_held_by_what_was_recorded(self):
        self.assertEqual(self.findings(), [])

    def test_allow_what_other_threads_do(self):
        self.assertEqual(self.findings(allocs_beyond_core=0.05, instructions_beyond_core=6000), [])

    def test_find_one_figure_that_is_off(self):
        for change in ({"batches_per_op": 1.05}, {"batches_per_op": 0.9},
                       {"allocs_beyond_core": 0.2}, {"instructions_beyond_core": 6300},
                       {"instructions_beyond_core": 3700}, {"core_allocs_per_op": 0.0},
                       {"core_instructions_per_op": 0}):
            with self.subTest(change):
                self.assertGreaterEqual(len(self.findings(**change)), 1)

    def test_compare_with_core_as_it_is_in_the_run(self):
        # A library that costs 10 % more costs both that.
        self.assertEqual(self.findings(core_instructions_per_op=66000), [])


TEXT = """version: 1
events: Ir
ob=(1) /lib/libgrpc.so.29
fn=(1) grpc_core::Call::Start(int)
+1 100
cfn=(2) grpc_core::(anonymous namespace)::Arena<int>::Alloc(unsigned long)
calls=4 0
* 60
cob=(2) /usr/lib/libc.so.6
cfn=(3) malloc
calls=1 0
* 30

fn=(2)
0 60

ob=(2)
fn=(3)
0 40

ob=(3) /build/weft_bench_client
fn=(4) weft::Channel::launch()
0 10
cob=(2)
cfn=(3)
calls=1 0
0 10
cob=(1)
cfn=(1)
calls=1 0
0 190

totals: 210
"""


class Calls(unittest.TestCase):
    graph = call_graph.CallGraph(TEXT)

    def function(self, name):
        return next(f for f in self.graph.self_cost if short(f) == name)

    def test_cost_what_callgrind_wrote(self):
        self.assertEqual(self.graph.total(), 210)
        self.assertEqual(self.graph.inclusive(self.function("Call::Start")), 190)

    def test_begin_where_nobody_calls(self):
        self.assertEqual(self.graph.roots(), {self.function("Channel::launch"): 210})

    def test_share_a_function_among_its_callers(self):
        box = flame_graph.box_of(self.graph, self.function("Channel::launch"), 210, 0)
        costs = {short(child.function): child.cost for child in box.children}
        self.assertEqual(costs, {"Call::Start": 190, "malloc": 10})
        below = {short(child.function): child.cost for child in box.children[0].children}
        self.assertEqual(below, {"Arena::Alloc": 60, "malloc": 30})

    def test_give_a_caller_that_makes_half_of_them_half_of_what_is_below(self):
        box = flame_graph.box_of(self.graph, self.function("Call::Start"), 95, 0)
        self.assertEqual([child.cost for child in box.children], [30, 15])

    def test_belong_to_libraries(self):
        parts = flame_graph.by_part(self.graph, 2)
        self.assertEqual(parts, {"gRPC core": 80, "C and C++ library": 20, "Weft": 5})

    def test_make_one_picture(self):
        picture = flame_graph.flame(self.graph, 1)
        self.assertEqual(picture.count("<title>"), 5)
        self.assertIn("Call::Start: 190 instructions a call", picture)


class Document(unittest.TestCase):
    text = "# Title\n<!-- table parts -->\nold\n<!-- end -->\nProse.\n<!-- table scale -->\n<!-- end -->\n"

    def test_gets_a_table_where_its_mark_is_and_nowhere_else(self):
        tables = document.tables_of({"core": {"Weft": 0, "all": 64047}, "weft": {"Weft": 5144}})
        new = document.written(self.text, tables)
        self.assertIn("| all | 64,047 | 0 |\n<!-- end -->\nProse.", new)
        self.assertNotIn("old", new)
        self.assertEqual(document.written(new, tables), new)

    def test_has_a_place_for_every_table(self):
        with self.assertRaises(SystemExit):
            document.written(self.text, {"times": ""})

    def test_shows_a_clients_interval_and_what_it_cannot_do(self):
        rows = [{"name": f"unary/{client}", "real_time": 50.0, "ratio_to_core": ratio,
                 "ratio_low": ratio - 0.02, "ratio_high": ratio + 0.02}
                for client, ratio in (("core", 1.0), ("core2", 1.01), ("weft", 1.02))]
        table = document.times({"benchmarks": rows, "context": {
            "titles": TITLES, "workloads": {"unary": "call"}, "rounds": 15, "pinned": True,
            "load_avg": [1, 2]}})
        self.assertIn("| call | 50.0 | 1.01 (0.99-1.03) | **1.02 (1.00-1.04)** | - | - | - | - |",
                      table)


def short(function):
    return flame_graph.short(function.name)




if __name__ == "__main__":
    unittest.main()
