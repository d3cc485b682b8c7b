# SPDX-License-Identifier: Apache-2.0
"""Every tutorial runs to its end and writes its picture."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from program import SOURCE

try:
    import matplotlib
except ImportError:
    matplotlib = None


@unittest.skipIf(matplotlib is None, "needs Debian's python3-matplotlib")
class TutorialTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="cimcycle-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_tutorial(self, name, picture, says):
        script = SOURCE / "docs/tutorials" / f"{name}.py"
        process = subprocess.run([sys.executable, "-B", script], cwd=self.folder, capture_output=True, text=True,
                                 env={**os.environ, "MPLBACKEND": "Agg"}, timeout=300, check=False)
        if "apt-get install" in process.stderr:
            self.skipTest(process.stderr.strip())
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIn(says, process.stdout)
        made = self.folder / f"tutorial-{picture}.svg"
        self.assertIn("</svg>", made.read_text())
        self.assertTrue((SOURCE / "docs/images" / made.name).is_file())
        self.assertIn(f"images/{made.name}", (SOURCE / "docs/tutorials/README.md").read_text())
        return process.stdout

    def test_first_run(self):
        self.run_tutorial("first_run", "first-run", "accuracy")

    def test_own_network(self):
        self.run_tutorial("own_network", "own-network", "gates closed")
        self.assertTrue((self.folder / "small-resnet/network.json").is_file())

    def test_adc_ou_sweep(self):
        self.run_tutorial("adc_ou_sweep", "adc-ou-sweep", "6 bits, 32 rows")

    def test_where_did_the_energy_go(self):
        self.run_tutorial("where_did_the_energy_go", "energy", "leakage")

    def test_why_did_accuracy_drop(self):
        self.run_tutorial("why_did_accuracy_drop", "accuracy", "differential")

    def test_all_are_tested(self):
        scripts = {path.stem for path in (SOURCE / "docs/tutorials").glob("*.py")} - {"tutorial"}
        tested = {name.removeprefix("test_") for name in dir(self) if name.startswith("test_")} - {"all_are_tested"}
        self.assertEqual(scripts, tested)


if __name__ == "__main__":
    unittest.main()
