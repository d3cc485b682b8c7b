# SPDX-License-Identifier: Apache-2.0
"""NeuroSim's files in and out through the program, and the comparison."""
import csv
import json
import os
import tarfile
import unittest

from program import SOURCE, ProgramTest

CHIP = str(SOURCE / "tech/chips/neurosim-1.3-default.json")
TRACE = SOURCE / "traces/resnet20-synthetic-layers15-20.tar.gz"
GROUPS = ["adc", "accumulation", "other", "buffer", "interconnect"]


class TraceTest(ProgramTest):
    def export(self, name="trace", **options):
        arguments = [item for key, value in options.items() for item in (f"--{key}", value)]
        self.good("export", "neurosim-trace", self.network, "--out", self.folder / name, *arguments)
        return self.folder / name

    def test_export_writes_the_files_that_its_argument_line_names(self):
        folder = self.export()
        words = (folder / "cmd.txt").read_text().split()
        for word in words[:1] + words[3:]:
            self.assertTrue((self.folder / word).is_file(), word)
        rows = list(csv.reader((folder / "net.csv").open()))
        self.assertTrue(all(len(row) == 8 for row in rows))
        for layer, row in enumerate(rows):
            _, _, channels, height, width, filters, _, _ = map(int, row)
            weights = list(csv.reader((folder / f"w{layer}.csv").open()))
            self.assertEqual(len(weights), channels * height * width)
            self.assertTrue(all(len(line) == filters for line in weights))
            self.assertTrue(all(-1 <= float(value) < 1 for line in weights for value in line))

    def test_import_of_an_export_exports_the_same_files_from_folder_and_archive(self):
        folder = self.export()
        archive = self.folder / "trace.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(folder, "trace")
        for place, name in [(folder, "from-folder"), (archive, "from-archive")]:
            self.good("import", "neurosim-trace", place, "--out", self.folder / name)
            self.good("export", "neurosim-trace", self.folder / name, "--out", self.folder / name / "again" / "trace")
            again = self.folder / name / "again" / "trace"
            for file in folder.iterdir():
                self.assertEqual((again / file.name).read_bytes(), file.read_bytes(), file.name)

    def test_an_imported_network_runs_without_accuracy_on_any_number_of_threads(self):
        network = self.folder / "imported"
        self.good("import", "neurosim-trace", self.export(), "--out", network)
        reports = []
        for threads in (1, 2):
            out = self.folder / f"run{threads}"
            text = self.good("run", network, "--hardware", CHIP, "--threads", threads, "--out", out)
            self.assertIn("accuracy  none", text)
            reports.append(json.loads((out / "report.json").read_text()))
            for key in ("command", "simulation"):
                reports[-1].pop(key)
        self.assertEqual(reports[0], reports[1])
        self.assertTrue(all(value is None for value in reports[0]["accuracy"].values()))
        self.assertEqual(reports[0]["dataset"]["name"], f"trace:{network}")
        self.assertGreater(reports[0]["totals"]["energy_pj"]["total"], 0)
        self.bad(2, "run", network, "--hardware", CHIP, "--dataset", "synthetic", says="reads recorded inputs")
        self.bad(2, "run", network, "--hardware", CHIP, "--logits", self.folder / "l.npy", says="give no logits")
        self.bad(2, "calibrate", network, "--hardware", CHIP, "--images", 1, "--adc", "--out", self.folder / "c",
                 says="no labelled images")

    def test_layers_and_images_are_chosen(self):
        self.export("one", layers="1", image="3")
        self.assertEqual(len((self.folder / "one/net.csv").read_text().splitlines()), 1)
        self.bad(2, "export", "neurosim-trace", self.network, "--layers", "2-1", "--out", self.folder / "x",
                 says="expected FIRST-LAST within 1-")
        self.assertNotIn("x", self.names())

    def test_kinds_are_told(self):
        self.assertIn("neurosim-params", self.good("import", "--help"))
        self.bad(2, "import", "neurosim-trase", says="did you mean neurosim-trace?")
        self.bad(2, "export", says="KIND is missing; known: masks, neurosim-trace")
        self.bad(2, "import", "neurosim-trace", self.folder / "none", "--out", self.folder / "x",
                 says="no such folder or archive")


class ParamsTest(ProgramTest):
    def test_a_configuration_becomes_a_chip_that_describe_takes(self):
        source = self.folder / "Param.cpp"
        source.write_text("Param::Param() {\n  numColMuxed = 4;\n  resistanceOn = 10e3;\n  AR = 1.9;\n}\n")
        out = self.folder / "mine.json"
        text = self.good("import", "neurosim-params", source, "--out", out)
        self.assertIn("AR (line 4)", text)
        self.assertEqual(self.names(), ["Param.cpp", "mine-cell.json", "mine.json", "tiny"])
        chip = json.loads(out.read_text())
        self.assertEqual(chip["base"], "neurosim-1.3-default")
        self.assertEqual(chip["adc"]["per_crossbar"], 32)
        self.good("describe", "--hardware", out)

    def test_errors_leave_no_file(self):
        source = self.folder / "options"
        source.write_text("cellBit = 2;\nmemcelltype = 1;\n")
        self.bad(2, "import", "neurosim-params", source, "--out", self.folder / "mine.json", says="line 2: memcelltype")
        self.bad(2, "import", "neurosim-params", source, "--neurosim-version", "1.5", "--out", self.folder / "m",
                 says="expected 1.3 or 1.4")
        self.assertEqual(self.names(), ["options", "tiny"])


class CompareTest(ProgramTest):
    def compare(self, *arguments):
        out = self.folder / "compared"
        text = self.good("compare", "--network", TRACE, "--hardware", CHIP, "--out", out, *arguments)
        return text, json.loads((out / "compare.json").read_text())

    def check_groups(self, result):
        for part in [result["chip"], *result["layers"]]:
            groups = part["groups"]
            self.assertEqual(list(groups), GROUPS)
            whole = sum(groups[name]["energy_pj"] for name in GROUPS[:3])
            self.assertAlmostEqual(whole / part["dynamic_energy_pj"], 1, places=9)

    def test_the_shipped_trace_is_compared_in_one_command(self):
        text, result = self.compare()
        for title in ("Chip", "Layers", "What each deviation is worth", "From the composer to the cycle-level simulator"):
            self.assertIn(title, text)
        self.assertEqual(sorted(p.name for p in (self.folder / "compared").iterdir()),
                         ["compare.csv", "compare.html", "compare.json"])
        self.assertIsNone(result["log"])
        for key in ("neurosim", "simulated_valid", "simulated_padded"):
            self.check_groups(result[key])
            self.assertEqual(len(result[key]["layers"]), 6)
        start, end = result["neurosim"]["chip"], result["simulated_padded"]["chip"]
        for key in ("latency_ns", "dynamic_energy_pj"):
            total = start[key] + sum(gap[key] for gap in result["gaps"])
            self.assertAlmostEqual(total / end[key], 1, places=9)
        simulated = sum(layer["latency_ns"] for layer in result["simulated_padded"]["layers"])
        self.assertAlmostEqual(simulated / end["latency_ns"], 1, places=12)
        names = [row["name"] for row in result["deviations"]]
        self.assertIn("valid_convolution", names)
        self.assertNotIn("http", (self.folder / "compared/compare.html").read_text().split("<body>")[0])

    def test_parts_can_be_left_out_and_threads_do_not_matter(self):
        _, result = self.compare("--without-simulation", "--without-deviations", "--threads", 1)
        self.assertIsNone(result["simulated_padded"])
        self.assertEqual(result["deviations"], [])
        _, whole = self.compare("--threads", 2)
        self.assertEqual(whole["neurosim"], result["neurosim"])

    def test_what_does_not_fit_is_said(self):
        self.bad(2, "compare", "--network", TRACE, "--hardware", SOURCE / "tech/chips/ou16-adc5-22nm.json",
                 says="has no section neurosim")
        log = self.folder / "log"
        log.write_text("nothing\n")
        self.bad(2, "compare", "--network", TRACE, "--hardware", CHIP, "--neurosim-log", log, says="no layer is estimated")

    @unittest.skipUnless("CIMCYCLE_REFERENCE" in os.environ, "CIMCYCLE_REFERENCE names no folder with NeuroSim runs")
    def test_logs_of_neurosim_agree_within_a_thousandth(self):
        reference = os.environ["CIMCYCLE_REFERENCE"]
        runs = {
            "v13_r20_w8a8_default": "cellBit = 2;",
            "v13_r20_w8a8_sar_lo32": "SARADC = true;",
            "v13_r20_w8a8_sub64_lo32_conv": "numRowSubArray = 64; numColSubArray = 64; novelMapping = false;",
            "v14_r20_w8a8_m13cell_rp16_lo32":
                "numRowParallel = 16; cellBit = 2; resistanceOn = 6e3; resistanceOff = 6e3*150;",
        }
        for name, options in runs.items():
            source, chip, out = self.folder / "options", self.folder / "chip.json", self.folder / name
            source.write_text(options)
            self.good("import", "neurosim-params", source, "--out", chip)
            self.good("compare", "--network", f"{reference}/traces/r20_w8a8.tar.gz", "--hardware", chip,
                      "--neurosim-log", f"{reference}/logs/{name}.log", "--without-simulation", "--without-deviations",
                      "--out", out)
            rows = [row for row in csv.DictReader((out / "compare.csv").open()) if row["composer_over_log"]]
            self.assertGreater(len(rows), 200, name)
            for row in rows:
                self.assertAlmostEqual(float(row["composer_over_log"]), 1, delta=1e-3, msg=f"{name}: {row}")


if __name__ == "__main__":
    unittest.main()
