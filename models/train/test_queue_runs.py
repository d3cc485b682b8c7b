# SPDX-License-Identifier: Apache-2.0
"""The plan of a queue of trainings and its means over seeds."""
import unittest

from queue_runs import over_seeds, planned

RUNS = [{"name": "a-{seed}", "arguments": ["--start", "{folder}/float.pt", "--seed", "{seed}"]},
        {"name": "b-{seed}", "arguments": []}]


class Plan(unittest.TestCase):
    def test_all_runs_of_a_seed_before_the_next(self):
        plan = planned(RUNS, ["1", "7"], "runs")
        self.assertEqual([name for _, name, _ in plan], ["a-1", "b-1", "a-7", "b-7"])
        self.assertEqual(plan[2][2], ["--start", "runs/float.pt", "--seed", "7"])

    def test_two_runs_of_one_name_are_refused(self):
        with self.assertRaisesRegex(SystemExit, "two runs have one name"):
            planned([{"name": "a", "arguments": []}], ["1", "2"], "runs")

    def test_means_are_over_the_seeds_that_are_there(self):
        plan = planned(RUNS, ["1", "2", "3"], "runs")
        results = {"a-1": {"test_top1": 0.9, "vs_static8": 2.0}, "a-3": {"test_top1": 0.92, "vs_static8": 2.2},
                   "b-2": {"test_top1": 0.5, "vs_static8": 1.0}}
        self.assertEqual(over_seeds(plan, results), [
            "a-{seed}: 2 seeds, top-1 91.00 % (90.00 to 92.00), 2.10x less energy than static 8 bits in the paper's "
            "accounting"])
