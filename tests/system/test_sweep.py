# SPDX-License-Identifier: Apache-2.0
"""A sweep from start to end: results equal those of single runs, nothing is lost or repeated, shards merge."""
import csv
import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest
from pathlib import Path

import schema
from program import FLASH, PROGRAM, SOURCE, ProgramTest, run

METRICS = {"top1": ["accuracy", "top1"], "energy_pj": ["totals", "energy_pj", "total"],
           "latency_ns": ["totals", "latency_ns", "mean"], "area_um2": ["totals", "area_um2", "total"],
           "skip_ratio": ["totals", "skip_ratio"], "conversions": ["totals", "conversions"]}


class SweepTest(ProgramTest):
    def sweep_file(self, name="sweep.json", **changes):
        content = {"format": "cimcycle-sweep-1", "name": "small", "hardware": FLASH, "network": "tiny", "images": 6,
                   "timed_images": 2, "recalibrate": False,
                   "axes": [{"adc.bits": [4, 5, 6]}, {"mapping.lsb": ["same_crossbar", "separate_crossbars"]},
                            {"schedule.row_policy": ["all", "skip_zero_groups"]}]}
        content.update(changes)
        path = self.folder / name
        path.write_text(json.dumps(content))
        return path

    def rows(self, out):
        database = sqlite3.connect(self.folder / out / "results.sqlite")
        try:
            found = database.execute("SELECT hash, status, config, metrics, error FROM points ORDER BY hash").fetchall()
        finally:
            database.close()
        return [{"hash": h, "status": s, "config": json.loads(c), "metrics": m and json.loads(m), "error": e}
                for h, s, c, m, e in found]

    def sweep(self, file, out, *options, **more):
        return self.good("sweep", file, "--out", self.folder / out, *options, **more)


class Results(SweepTest):
    def test_rows_equal_single_runs(self):
        text = self.sweep(self.sweep_file(), "out", "--threads", 2)
        self.assertIn("12 points in 2 groups", text)  # 5 and 6 bits lose nothing
        self.assertIn("front of top1, energy_pj, latency_ns", text)
        rows = self.rows("out")
        self.assertEqual([row["status"] for row in rows], ["done"] * 12)
        for row in rows[::3]:
            best = json.loads(self.good("report", self.folder / "out", "--json", "--best", "energy_pj", "--where",
                                        " and ".join(f"{key} == {json.dumps(value)}"
                                                     for key, value in row["config"]["settings"].items())))
            self.assertEqual(best["hash"], row["hash"])
            words = shlex.split(best["command"])
            self.assertEqual(words[0], "cimcycle")
            self.good(*words[1:], "--out", self.folder / "alone", "--threads", 1, "--quiet")
            report = json.loads((self.folder / "alone" / "report.json").read_text())
            for name, path in METRICS.items():
                value = report
                for key in path:
                    value = value[key]
                self.assertEqual(row["metrics"][name], value, name)

    def test_threads_and_order_do_not_change_a_digit(self):
        self.sweep(self.sweep_file(), "one", "--threads", 1)
        axes = [{"schedule.row_policy": ["skip_zero_groups", "all"]}, {"adc.bits": [6, 4, 5]},
                {"mapping.lsb": ["separate_crossbars", "same_crossbar"]}]
        self.sweep(self.sweep_file("other.json", axes=axes), "two", "--threads", 3)
        one, two = self.rows("one"), self.rows("two")
        self.assertEqual([(row["hash"], row["metrics"]) for row in one], [(row["hash"], row["metrics"]) for row in two])

    def test_invalid_points_are_listed_and_not_run(self):
        file = self.sweep_file(axes=[{"ou.rows": [16, 256, 128]}, {"adc.bits": [5, 99]}],
                               constraints=["ou.rows != 128"])
        text = self.sweep(file, "out")
        self.assertIn("2 left out by constraints", text)
        self.assertIn("3 invalid", text)
        self.assertIn("exceeds", text)
        rows = self.rows("out")
        self.assertEqual(sorted(row["status"] for row in rows), ["done"] + 3 * ["invalid"])
        self.assertTrue(all(row["error"] for row in rows if row["status"] == "invalid"))

    def test_a_sweep_of_which_nothing_can_run_ends_with_the_reason(self):
        for changes, line in (({"axes": [{"adc.bits": [99, 100]}]}, "none of its 2 points can run; the first one: .*adc.bits"),
                              ({"constraints": ["adc.bits > 9"]}, "the constraints leave none of the 12 points"),
                              ({"constraints": ['neurosim.version == "1.3"']}, "leave none of the 12 points"),
                              ({"recalibrate": {"skip": 0.4, "images": 400000}}, "recalibrate.images: found 400000, but "),
                              ({"axes": [{"network.skip": [0, 0.5]}]}, 'network.skip asks for other thresholds, and '
                                                                       '"recalibrate": false keeps')):
            with self.subTest(line):
                text = self.bad(2, "sweep", self.sweep_file(**changes), "--out", self.folder / "out", "--quiet")
                self.assertRegex(text, line)

    def test_results_that_were_edited_are_refused(self):
        self.good("run", self.folder / "tiny", "--hardware", FLASH, "--images", 1, "--quiet", "--out", self.folder / "run")
        file = self.folder / "run/report.json"
        good = file.read_text()
        for change, line in ((lambda r: r["network"].update(name=3), "run: no results of this program: "),
                             (lambda r: r["accuracy"].update(top1=7), "top1: found 7, allowed: 0 to 1"),
                             (lambda r: r["totals"]["energy_pj"].update(total=-5), "energy_pj: found -5, allowed: 0 to ")):
            report = json.loads(good)
            change(report)
            file.write_text(json.dumps(report))
            self.assertIn(line, self.bad(2, "report", self.folder / "run"))
        file.write_text(good)
        self.assertIn("top1 stands there twice", self.bad(2, "report", self.folder / "run", "--objectives", "top1,top1"))

    def test_calibration_is_done_once_and_kept(self):
        file = self.sweep_file(axes=[{"ou.rows": [8, 16]}, {"clock.period_ns": [4, 5]}, {"network.threshold_scale": [1, 2]}],
                               recalibrate={"skip": 0.4, "images": 4})
        self.assertIn("2 calibrations", self.sweep(file, "out"))
        networks = {path.name.split("-")[0] for path in (self.folder / "out" / "networks").iterdir()}
        self.assertEqual(networks, {"calibrated", "scaled"})
        rows = self.rows("out")
        self.assertEqual({row["config"]["thresholds"] for row in rows}, {"calibrated", "calibrated and scaled"})
        ratios = {(row["config"]["settings"]["network.threshold_scale"], row["metrics"]["masked_ratio"]) for row in rows}
        self.assertLess(max(ratio for scale, ratio in ratios if scale == 1),
                        max(ratio for scale, ratio in ratios if scale == 2))
        self.assertIn("0 to run, 8 there already", self.sweep(file, "out", "--resume"))
        # A row alone, from the network that was kept.
        best = json.loads(self.good("report", self.folder / "out", "--json", "--best", "latency_ns"))
        self.good(*shlex.split(best["command"])[1:], "--out", self.folder / "alone", "--quiet")
        report = json.loads((self.folder / "alone" / "report.json").read_text())
        self.assertEqual(report["totals"]["energy_pj"]["total"], best["metrics"]["energy_pj"])
        self.assertEqual(report["accuracy"]["top1"], best["metrics"]["top1"])

    def test_a_hopeless_point_is_given_up(self):
        # One bit reads nonsense, and the slow clock and the many tiles make it dearer and larger as well.
        file = self.sweep_file(network=str(SOURCE / "models/resnet20-synthetic-static8"), dataset="synthetic", images=40,
                               timed_images=8, early_stop={"images": 16},
                               axes=[{"adc.bits": [5, 1], "clock.period_ns": [4, 40], "chip.tiles": [100, 400]}])
        text = self.sweep(file, "out")
        self.assertIn("1 points done, 1 given up early", text)
        stopped = next(row for row in self.rows("out") if row["status"] == "stopped")
        self.assertRegex(stopped["error"], "after 16 of 40 images top-1 is at most .* reaches .* %")
        self.assertIsNone(stopped["metrics"])
        self.assertIn("0 to run, 2 there already", self.sweep(file, "out", "--resume"))
        content = json.loads(file.read_text())
        del content["early_stop"]
        file.write_text(json.dumps(content))
        self.assertIn("1 to run, 1 there already", self.sweep(file, "out", "--resume"))
        self.assertEqual([row["status"] for row in self.rows("out")], ["done"] * 2)

    def test_report_files(self):
        self.sweep(self.sweep_file(reference_images=2), "out")
        self.good("report", self.folder / "out", "--out", self.folder / "report", "--objectives", "top1,energy_pj")
        with open(self.folder / "report" / "points.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        table = json.loads((self.folder / "report" / "points.json").read_text())
        self.assertEqual(len(rows), 12)
        self.assertEqual(table["parameters"], ["adc.bits", "mapping.lsb", "schedule.row_policy"])
        for row, point in zip(rows, table["points"], strict=True):
            self.assertEqual(float(row["energy_pj"]), point["metrics"]["energy_pj"])
            self.assertIsNotNone(point["metrics"]["ideal_adc_top1"])
        front = table["front"]["points"]
        done = {point["hash"]: point["metrics"] for point in table["points"]}
        for name, own in done.items():
            beaten = any(other["top1"] >= own["top1"] and other["energy_pj"] <= own["energy_pj"] and
                         (other["top1"], other["energy_pj"]) != (own["top1"], own["energy_pj"])
                         for other in done.values())
            self.assertEqual(name in front, not beaten)

    def test_runs_are_points_too(self):
        for bits in (4, 5):
            self.good("run", self.network, "--hardware", FLASH, "--images", 2, "--set", f"adc.bits={bits}", "--out",
                      self.folder / f"run{bits}", "--quiet")
        text = self.good("report", self.folder / "run4", self.folder / "run5")
        self.assertIn("2 points done", text)
        self.assertIn("adc.bits", text)


class Interruptions(SweepTest):
    def long_sweep(self):
        return self.sweep_file(images=40, axes=[{"ou.rows": [16, 8, 12, 4]}, {"adc.bits": [1, 2, 3, 4]}])

    def start(self, file, out, *options):
        process = subprocess.Popen([PROGRAM, "sweep", file, "--out", self.folder / out, "--threads", "1", *options],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        return process

    def wait_for_rows(self, out, count):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if len(self.rows(out)) >= count:
                    return
            except sqlite3.Error:
                pass  # not made yet
            time.sleep(0.01)
        self.fail("no rows came")

    def test_kill_and_resume(self):
        file = self.long_sweep()
        process = self.start(file, "out")
        self.wait_for_rows("out", 2)
        process.kill()
        process.communicate()
        before = {row["hash"]: row for row in self.rows("out")}
        self.assertLess(len(before), 16)
        self.bad_resume(file)
        text = self.sweep(file, "out", "--resume")
        self.assertIn(f"{len(before)} there already", text)
        after = {row["hash"]: row for row in self.rows("out")}
        self.assertEqual(len(after), 16)
        self.sweep(file, "whole")
        self.assertEqual({row["hash"]: row["metrics"] for row in self.rows("whole")},
                         {name: row["metrics"] for name, row in after.items()})

    def bad_resume(self, file):
        process = run("sweep", file, "--out", self.folder / "out", "--quiet")
        self.assertEqual(process.returncode, 2)
        self.assertIn("--resume", process.stderr)

    def test_interrupt_says_how_to_go_on(self):
        process = self.start(self.long_sweep(), "out")
        self.wait_for_rows("out", 1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        command = errors.strip().split("go on with: ")[1]
        self.good(*shlex.split(command)[1:])
        self.assertEqual(len(self.rows("out")), 16)

    def test_two_processes_share_the_work(self):
        file = self.long_sweep()
        both = [self.start(file, "out", "--resume") for _ in range(2)]
        for process in both:
            _, errors = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, errors)
        rows = self.rows("out")
        self.assertEqual([row["status"] for row in rows], ["done"] * 16)

    def test_shards_merge(self):
        file = self.sweep_file(axes=[{"adc.bits": [2, 3, 4, 5]}])
        self.sweep(file, "whole")
        for shard in (1, 2, 3):
            self.sweep(file, f"part{shard}", "--shard", f"{shard}/3")
        parts = [self.folder / f"part{shard}" for shard in (1, 2, 3)]
        self.assertEqual(sum(len(self.rows(part.name)) for part in parts), 4)
        self.assertEqual(self.good("report", *parts), self.good("report", self.folder / "whole"))
        self.assertEqual(self.good("report", *parts, "--json"), self.good("report", self.folder / "whole", "--json"))


@unittest.skipUnless(shutil.which("mpirun") and (Path(PROGRAM).parent / "cimcycle_mpi.so").exists(),
                     "no mpirun, or built without MPI")
class Ranks(SweepTest):
    def ranks(self, count, *arguments, **options):
        # Open MPI keeps some of its memory to the end, which a leak checker would report as ours.
        options.setdefault("env", {**os.environ, "LSAN_OPTIONS": "detect_leaks=0", "ASAN_OPTIONS": "detect_leaks=0"})
        return subprocess.run(["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(count), PROGRAM,
                               *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                              check=False, **options)

    def test_two_ranks_give_the_rows_of_one_process(self):
        file = self.sweep_file(axes=[{"adc.bits": [1, 2, 3, 4, 5, 99]}, {"ou.rows": [8, 16]}])
        self.sweep(file, "one")
        process = self.ranks(2, "sweep", file, "--out", self.folder / "two", "--threads", 1)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(process.stdout.count("points in"), 1)  # one rank speaks
        one, two = self.rows("one"), self.rows("two")
        self.assertEqual([(row["hash"], row["status"], row["metrics"]) for row in one],
                         [(row["hash"], row["status"], row["metrics"]) for row in two])

    def test_what_is_wrong_ends_all_ranks(self):
        process = self.ranks(2, "sweep", self.folder / "missing.json", "--out", self.folder / "out")
        self.assertNotEqual(process.returncode, 0)
        self.assertIn("missing.json", process.stderr)


class ClusterScript(SweepTest):
    def test_job_array(self):
        """The script of docs/, run as Slurm would run each job of its array."""
        file = self.sweep_file(axes=[{"adc.bits": [2, 3, 4]}])
        for task in (1, 2, 3):
            subprocess.run(["bash", str(SOURCE / "docs/examples/sweep-array.sh"), str(file), str(self.folder / "parts")],
                           check=True, capture_output=True,
                           env={"PATH": f"{Path(PROGRAM).parent}:/usr/bin:/bin", "SLURM_ARRAY_TASK_ID": str(task),
                                "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_CPUS_PER_TASK": "1"})
        parts = sorted((self.folder / "parts").iterdir())
        self.assertEqual(len(parts), 3)
        self.assertIn("3 points done", self.good("report", *parts))


class Usage(SweepTest):
    def test_bad_arguments(self):
        file = self.sweep_file()
        self.bad(2, "sweep", file, says="--out DIR is missing")
        for shard in ["0/2", "3/2", "1", "a/b", "1/0", "1/2/3", "-1/2"]:
            self.bad(2, "sweep", file, "--out", self.folder / "out", f"--shard={shard}", says="--shard")
        self.bad(2, "sweep", self.folder / "missing.json", "--out", self.folder / "out", says="missing.json")
        self.bad(2, "report", self.folder / "tiny", says="holds neither")
        self.bad(2, "report", self.folder / "tiny", "--where", "top1 > 1", says="--best")
        self.bad(2, "report", self.folder / "tiny", "--best", "energypj", says="did you mean energy_pj?")
        self.bad(2, "report", self.folder / "tiny", "--best", "top1", "--where", "top2 > 1", says="did you mean top1?")
        self.bad(2, "report", self.folder / "tiny", "--objectives", "top1", says="two or three metrics")
        process = run("sweep", self.sweep_file(images=1000000), "--out", self.folder / "out", "--quiet")
        self.assertEqual(process.returncode, 2)
        self.assertIn("images", process.stderr)

    def test_a_folder_of_somebody_else_is_left_alone(self):
        (self.folder / "photos").mkdir()
        (self.folder / "photos" / "cat.jpg").write_text("miau")
        process = run("sweep", self.sweep_file(), "--out", self.folder / "photos", "--quiet")
        self.assertEqual(process.returncode, 2)
        self.assertIn("cat.jpg", process.stderr)
        self.assertEqual([path.name for path in (self.folder / "photos").iterdir()], ["cat.jpg"])

    def test_files_follow_the_schema(self):
        rules = json.loads((SOURCE / "docs/formats/sweep.schema.json").read_text())
        for file in [self.sweep_file(), *(SOURCE / "docs/examples").glob("*.sweep.json")]:
            self.assertEqual(schema.problems(json.loads(file.read_text()), rules), [])


if __name__ == "__main__":
    unittest.main()
