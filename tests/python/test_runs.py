# SPDX-License-Identifier: Apache-2.0
"""Runs, calibrations, energy tables and sweeps in Python equal those of the program."""
import json
import os
import resource
import signal
import sqlite3
import threading
import time
import unittest

import cimcycle
import numpy
from program import FLASH, ProgramTest


def measured(report):
    """A report without what differs from call to call."""
    return {key: value for key, value in report.items() if key not in ("command", "simulation")}


class TinyTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.tiny = cimcycle.Network.load(self.network)
        self.chip = cimcycle.Hardware.load(FLASH)


class RunTest(TinyTest):
    def run_program(self, *options):
        self.good("run", self.network, "--hardware", FLASH, "--out", self.folder / "out", "--quiet", *options)
        return json.loads((self.folder / "out/report.json").read_text())

    def test_equal_to_the_program_bit_for_bit(self):
        wanted = self.run_program("--images", 12, "--timed-images", 5, "--set", "adc.bits=3")
        report = cimcycle.run(self.tiny, self.chip.set("adc.bits", 3), count=12, timed_images=5)
        self.assertEqual(measured(report.to_dict()), measured(wanted))
        self.assertEqual(report.top1, wanted["accuracy"]["top1"])
        self.assertEqual(report.energy_pj, wanted["totals"]["energy_pj"]["total"])
        self.assertEqual(report.latency_ns, wanted["totals"]["latency_ns"]["mean"])
        self.assertEqual(report.logits.shape, (12, 10))

    def test_the_call_stands_in_the_report(self):
        report = cimcycle.run(self.tiny, self.chip.set("adc.bits", 3), count=2, reference_images=0)
        again = eval(report.to_dict()["command"], {"cimcycle": cimcycle, "Network": cimcycle.Network,
                                                   "Hardware": cimcycle.Hardware})
        self.assertEqual(measured(again.to_dict()), measured(report.to_dict()))

    def test_out_is_the_program_s_folder(self):
        report = cimcycle.run(self.tiny, self.chip, count=2, out=self.folder / "result")
        self.assertEqual(sorted(path.name for path in (self.folder / "result").iterdir()),
                         ["layers.csv", "report.html", "report.json"])
        self.assertEqual(json.loads((self.folder / "result/report.json").read_text()), report.to_dict())
        self.assertIn("accuracy", str(report))
        with self.assertRaises((cimcycle.InputError, cimcycle.RunError)):
            cimcycle.run(self.tiny, self.chip, count=2, out=FLASH)

    def test_rows_of_layers_are_flat(self):
        report = cimcycle.run(self.tiny, self.chip, count=2)
        rows = report.layers
        self.assertTrue(all(not isinstance(value, dict) for row in rows for value in row.values()))
        self.assertEqual(len({tuple(row) for row in rows}), 1)
        total = sum(row["energy_pj.total"] for row in rows)
        self.assertAlmostEqual(total, report.energy_pj, delta=1e-9 * total)
        try:
            import pandas
        except ImportError:
            return
        self.assertEqual(list(pandas.DataFrame(rows)["name"]), [row["name"] for row in rows])

    def test_arrays_in_both_orders_and_of_pytorch(self):
        images, labels = cimcycle.load_images("synthetic", count=6)
        wanted = cimcycle.run(self.tiny, self.chip, count=6)
        arrays = [images, images.transpose(0, 2, 3, 1), numpy.ascontiguousarray(images.transpose(0, 2, 3, 1)),
                  images[::-1][::-1]]
        try:
            import torch
            arrays.append(torch.from_numpy(images))
        except ImportError:
            pass
        for array in arrays:
            found = cimcycle.run(self.tiny, self.chip, array, labels=labels)
            for key in ("accuracy", "totals", "layers", "baselines"):
                self.assertEqual(found.to_dict()[key], wanted.to_dict()[key])
            numpy.testing.assert_array_equal(found.logits, wanted.logits)

    def test_without_labels_there_is_no_accuracy(self):
        images, _ = cimcycle.load_images("synthetic", count=3)
        report = cimcycle.run(self.tiny, self.chip, images, out=self.folder / "result")
        self.assertEqual((report.top1, report.ideal_adc_top1, report.ungated_top1), (None, None, None))
        self.assertEqual(report.agreement, 1.0)
        self.assertGreater(report.energy_pj, 0)

    def test_wrong_images(self):
        images, labels = cimcycle.load_images("synthetic", count=3)
        for wrong, options, text in ((images / 255, {}, "dtype float64; expected uint8"),
                                     (images[0], {}, r"shape \(3, 32, 32\); expected"),
                                     (images[:, :, :16], {}, "images are 3 x 16 x 32, but tiny reads 3 x 32 x 32"),
                                     (images[:0], {}, "holds no images"),
                                     (images, {"labels": labels[:2]}, "2 labels for 3 images"),
                                     (images, {"labels": labels[:0]}, "0 labels for 3 images"),
                                     (images, {"labels": labels / 1.0}, "one integer per image"),
                                     (images, {"labels": labels - 10}, "label 0 is -"),
                                     (images, {"labels": labels + 10}, "classes, but tiny has 10 logits"),
                                     (images, {"count": 4}, "--images 4: array has 3 images"),
                                     (images, {"count": 0}, "count = 0"),
                                     (images, {"threads": 0}, "threads = 0"),
                                     (images, {"timed_images": -1}, "timed_images = -1"),
                                     ("synthetik", {}, "did you mean synthetic"),
                                     ("synthetic", {"labels": labels}, "brings its own labels"),
                                     (object(), {}, "found|dtype object")):
            with self.assertRaisesRegex(cimcycle.InputError, text):
                cimcycle.run(self.tiny, self.chip, wrong, **options)
        with self.assertRaisesRegex(cimcycle.InputError, "split"):
            cimcycle.load_images("synthetic", "validation")

    def test_arrays_are_not_copied(self):
        many = numpy.zeros((200_000, 3, 32, 32), dtype=numpy.uint8)  # 614 MB that the system has not given yet
        cimcycle.run(self.tiny, self.chip, many[:2], reference_images=0)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        cimcycle.run(self.tiny, self.chip, many, count=2, reference_images=0)
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 100_000)

    def test_progress_and_its_exceptions(self):
        told = []
        cimcycle.run(self.tiny, self.chip, count=40, threads=1, reference_images=0,
                     progress=lambda *state: told.append((*state, threading.get_ident())))
        self.assertEqual(told[-1], (40, 40, "replay", threading.get_ident()))
        self.assertEqual(told, sorted(told))

        def fail(*_):
            raise KeyError("enough")
        with self.assertRaisesRegex(KeyError, "enough"):
            cimcycle.run(self.tiny, self.chip, count=4000, threads=1, progress=fail)

    def test_other_threads_run_meanwhile(self):
        counted = []
        done = threading.Event()

        def count():
            while not done.wait(0.001):
                counted.append(1)
        thread = threading.Thread(target=count)
        thread.start()
        cimcycle.run(self.tiny, self.chip, count=300, threads=1, reference_images=0)
        done.set()
        thread.join()
        self.assertGreater(len(counted), 10)

    def test_ctrl_c_ends_a_run(self):
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        began = time.monotonic()
        with self.assertRaises(KeyboardInterrupt):
            cimcycle.run(self.tiny, self.chip, count=10000, threads=2, out=self.folder / "never")
        self.assertLess(time.monotonic() - began, 10)
        self.assertFalse((self.folder / "never").exists())
        cimcycle.run(self.tiny, self.chip, count=2)  # the next run knows nothing of it


class CalibrationTest(TinyTest):
    def test_equal_to_the_program(self):
        self.good("calibrate", self.network, "--hardware", FLASH, "--images", 8, "--skip", 0.5, "--out",
                  self.folder / "program", "--quiet")
        found = cimcycle.calibrate(self.tiny, self.chip, count=8, skip=0.5)
        self.assertEqual(found.network.hash, cimcycle.Network.load(self.folder / "program").hash)
        self.assertLessEqual(found.masked_ratio, 0.5)
        self.assertEqual([row["name"] for row in found.layers], ["conv2", "conv3", "conv4"])
        images, labels = cimcycle.load_images("synthetic", "train", 8)
        of_array = cimcycle.calibrate(self.tiny, self.chip, images, labels=labels, skip=0.5)
        self.assertEqual(of_array.layers, found.layers)

    def test_errors(self):
        images, _ = cimcycle.load_images("synthetic", "train", 2)
        for options, text in (({"count": 4}, "nothing to do"), ({"skip": 0.5}, "count is missing"),
                              ({"count": 4, "skip": 2}, "--skip 2: expected a number from 0 to 1"),
                              ({"images": images, "skip": 0.5}, "has no labels"),
                              ({"count": 4, "skip": 0.5, "gate": "digits"}, "expected max, mean or inputs"),
                              ({"count": 4, "skip": 0.5, "accuracy_loss_points": 1}, "exclude each other")):
            with self.assertRaisesRegex(cimcycle.InputError, text):
                cimcycle.calibrate(self.tiny, self.chip, **options)


class TableTest(TinyTest):
    def test_the_energy_table_is_the_program_s(self):
        for source, chip in (("simulated", FLASH), ("neurosim", "neurosim-1.3-ou16")):
            file = self.folder / f"{source}.json"
            self.good("energy-table", self.network, "--hardware", chip, "--images", 2, "--source", source, "--out", file,
                      "--quiet")
            self.assertEqual(cimcycle.energy_table(self.tiny, cimcycle.Hardware.load(chip), count=2, source=source),
                             json.loads(file.read_text()))
        with self.assertRaisesRegex(cimcycle.InputError, "known: simulated, neurosim"):
            cimcycle.energy_table(self.tiny, self.chip, count=2, source="sparta")


class SweepTest(TinyTest):
    def test_rows_are_the_program_s(self):
        spec = {"format": "cimcycle-sweep-1", "network": str(self.network), "hardware": FLASH, "images": 3, "recalibrate": False,
                "axes": [{"adc.bits": [3, 5]}, {"ou.rows": [16, 512]}]}
        file = self.folder / "some.sweep.json"
        file.write_text(json.dumps(spec))
        self.good("sweep", file, "--out", self.folder / "program", "--quiet")
        told = []
        rows = cimcycle.sweep(spec, progress=lambda *state: told.append(state))
        self.assertEqual(rows, cimcycle.sweep(file, out=self.folder / "python"))
        self.assertEqual([row["status"] for row in rows].count("done"), 2)
        self.assertEqual(told[-1], (2, 2, "sweep"))
        with sqlite3.connect(self.folder / "program/results.sqlite") as store:
            stored = {hash: json.loads(metrics) for hash, metrics in
                      store.execute("select hash, metrics from points where status = 'done'")}
        for row in rows:
            if row["status"] == "done":
                self.assertEqual({**row, **stored[row["hash"]]}, row)
                self.assertEqual(row["ou.rows"], 16)
            else:
                self.assertEqual((row["status"], row["ou.rows"]), ("invalid", 512))
                self.assertIn("512", row["error"])
        with self.assertRaisesRegex(cimcycle.InputError, "holds the results"):
            cimcycle.sweep(spec, self.folder / "python")
        self.assertEqual(cimcycle.sweep(spec, self.folder / "python", resume=True), rows)

    def test_a_wrong_sweep(self):
        with self.assertRaisesRegex(cimcycle.InputError, "sweep: axis: unknown key.*axes"):
            cimcycle.sweep({"network": str(self.network), "hardware": FLASH, "axis": []})


if __name__ == "__main__":
    unittest.main()
