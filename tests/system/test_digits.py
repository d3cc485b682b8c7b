# SPDX-License-Identifier: Apache-2.0
"""Digit gating through the program: its two ends against networks without gates, and what is refused."""
import json
import unittest

from program import FLASH, ProgramTest

NEVER, ALWAYS = 2**31 - 1, -2**31
OUTPUTS = {"conv1": 8, "conv4": 16}


class Digits(ProgramTest):
    def variant(self, name, annotate):
        """The tiny network with other annotations of the layers conv1 and conv4, which have no low bits."""
        network = self.folder / name
        network.mkdir()
        text = json.loads((self.network / "network.json").read_text())
        for layer in text["layers"]:
            if layer["name"] in OUTPUTS:
                layer["dec3"] = {"hb": layer["dec3"]["hb"], "lb": 0, **annotate(layer["name"])}
        (network / "network.json").write_text(json.dumps(text))
        (network / "weights.safetensors").write_bytes((self.network / "weights.safetensors").read_bytes())
        return network

    def gated(self, name, thresholds, high=4):
        return self.variant(name, lambda layer: {"gate": "digits", "digits": {
            "high": high, "thresholds": [thresholds(o) for o in range(OUTPUTS[layer])]}})

    def report(self, network, *options):
        self.good("run", network, "--hardware", FLASH, "--images", 3, "--reference-images", 0, "--logits",
                  self.folder / "logits.npy", "--out", self.folder / "out", *options)
        report = json.loads((self.folder / "out/report.json").read_text())
        layers = {layer["name"]: layer for layer in report["layers"] if layer["name"] in OUTPUTS}
        return report, layers, (self.folder / "logits.npy").read_bytes()

    def test_a_sweep_keeps_the_thresholds(self):
        file = self.gated("pg", lambda o: 100 * o) / "network.json"
        network = json.loads(file.read_text())
        for layer in network["layers"]:
            if layer.get("dec3", {}).get("gate") in ("max", "mean"):
                layer["dec3"] = {key: layer["dec3"][key] for key in ("hb", "lb")}
        file.write_text(json.dumps(network))
        (self.folder / "sweep.json").write_text(json.dumps({
            "format": "cimcycle-sweep-1", "hardware": FLASH, "network": "pg", "images": 2, "axes": [{"ou.rows": [8, 16]}]}))
        text = self.good("sweep", self.folder / "sweep.json", "--out", self.folder / "points")
        self.assertIn("2 points done", text)
        self.assertNotIn("calibrations", text)

    def test_the_ends_of_the_gate(self):
        static = self.variant("static", lambda layer: {})
        for options in ((), ("--set", "schedule.row_policy=skip_zero_groups"), ("--set", "input.digit_bits=2"),
                        ("--set", "mapping.cells=differential")):
            plain, plain_layers, plain_logits = self.report(static, *options)
            for name, threshold, skipped in (("always", ALWAYS, 0), ("never", NEVER, 1)):
                if not (self.folder / name).exists():
                    self.gated(name, lambda o: threshold)
                report, layers, logits = self.report(self.folder / name, *options)
                self.assertEqual(logits == plain_logits, threshold == ALWAYS)
                for layer, row in layers.items():
                    self.assertEqual(row["gate"], "digits/output")
                    self.assertEqual(row["skip_ratio"], skipped)
                    self.assertEqual(row["gates_closed"], skipped * row["gate_decisions"])
                    self.assertGreater(row["energy_pj"]["gate"], 0)
                    if threshold == ALWAYS:
                        reads, all_reads = row["ou_reads"], plain_layers[layer]["ou_reads"]["msb"]
                        self.assertEqual(reads["msb"] + reads["lsb"], all_reads)
                        self.assertEqual(row["conversions"], plain_layers[layer]["conversions"])
                        # Two steps drive the same digits; a second accumulation and the gate come on top.
                        self.assertEqual(row["energy_pj"]["adc"], plain_layers[layer]["energy_pj"]["adc"])
                        self.assertEqual(row["energy_pj"]["wordline"], plain_layers[layer]["energy_pj"]["wordline"])
                        self.assertGreater(row["energy_pj"]["total"], plain_layers[layer]["energy_pj"]["total"])
                if threshold == ALWAYS:
                    # Everything read without gates is the network without gates, to the last cycle.
                    no_skip = report["baselines"]["no_skip"]
                    base = plain["baselines"]["no_skip"]
                    self.assertEqual(no_skip["latency_ns"], base["latency_ns"])
                    self.assertAlmostEqual(no_skip["energy_pj"] / base["energy_pj"], 1, delta=1e-12)

    def test_a_gate_in_between(self):
        network = self.gated("some", lambda o: 3000 * (o % 5 - 2))
        report, layers, _ = self.report(network)
        for layer, row in layers.items():
            self.assertTrue(0 < row["masked_ratio"] < 1)
            self.assertLessEqual(row["skip_ratio"], row["masked_ratio"])  # a block is read if one output asks
            elapsed = row["busy_cycles"] + row["idle_cycles"] + sum(row["stall_cycles"].values())
            self.assertAlmostEqual(elapsed, row["cycles"] * row["crossbars"], delta=1e-6)
        base = report["baselines"]
        self.assertLess(base["msb_only"]["energy_pj"], base["oracle"]["energy_pj"])
        self.assertLess(base["oracle"]["energy_pj"], report["totals"]["energy_pj"]["total"])

    def test_refusals(self):
        network = self.gated("cut", lambda o: 0, high=3)
        run = ("run", network, "--hardware", FLASH, "--images", 1)
        self.bad(2, *run, "--set", "input.digit_bits=2",
                 says="layer conv1: dec3.digits leaves 5 low bits, which are no whole digits of input.digit_bits = 2")
        self.bad(2, *run, "--set", "mapping.offset_sum=unit_column", says="needs mapping.offset_sum = digital")
        self.bad(2, "calibrate", network, "--hardware", FLASH, "--images", 1, "--skip", "0.5", "--out",
                 self.folder / "x", says="layer conv1: gate digits has its thresholds from training")
        self.bad(2, "run", self.gated("high", lambda o: 0, high=8), "--hardware", FLASH,
                 says="dec3.digits.high: found 8, expected an integer 1 to 7")


if __name__ == "__main__":
    unittest.main()
