# SPDX-License-Identifier: Apache-2.0
"""report.html in a browser: it draws, answers to mouse and keyboard, and asks nobody for anything."""
import json
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from program import FLASH, ProgramTest

BROWSER = shutil.which("chromium")

# Runs in a copy of the page, after it has drawn; what it finds is left in the page.
PROBE = """
<script>
function key(canvas, name) { canvas.dispatchEvent(new KeyboardEvent('keydown', {key: name, bubbles: true})); }
function result(found) {
  const box = document.createElement('pre');
  box.id = 'result';
  box.textContent = JSON.stringify(found);
  document.body.append(box);
}
const failures = [];
addEventListener('error', (event) => failures.push(event.message));
// The browser prints a page once it has loaded, frames that it still owes or not: a document that is never finished
// holds it back.
const hold = document.createElement('iframe');
hold.hidden = true;
document.body.append(hold);
hold.contentDocument.open();
function probe() {
  if (pending.length > 0) return setTimeout(probe, 50);
  try {
    const canvases = [...document.querySelectorAll('canvas')];
    const found = {
      charts: Object.keys(Chart.instances).length,
      drawn: canvases.every((canvas) => canvas.width > 0 && canvas.height > 0),
      named: canvases.every((canvas) => canvas.getAttribute('aria-label') !== null),
      wide: document.documentElement.scrollWidth - innerWidth,
      dark: getComputedStyle(document.body).backgroundColor,
      requests: performance.getEntriesByType('resource').map((entry) => entry.name),
      rows: document.querySelectorAll('tbody tr').length,
      text: document.getElementById('page').innerText.slice(0, 4000),
      ...(typeof steps === 'function' ? steps(canvases) : {}),
    };
    result({...found, failures});
  } catch (error) {
    result({failures: [String(error)]});
  }
  hold.contentDocument.close();
}
probe();
</script>
"""

SWEEP_STEPS = """
<script>
function steps(canvases) {
  const scatter = canvases[0];
  scatter.focus();
  key(scatter, 'ArrowRight');
  const said = document.getElementById('said').textContent;
  key(scatter, 'Enter');
  const pinned = [...document.querySelectorAll('h2')].some((title) => title.textContent === 'Pinned points');
  const chart = scatter.chart;
  const points = () => chart.data.datasets.filter((set) => set.label === 'points').flatMap((set) => set.data);
  const inside = (axis) => points().every((point) => point[axis] >= chart.scales[axis].min &&
                                                     point[axis] <= chart.scales[axis].max);
  const seen = inside('x') && inside('y');
  filter('adc.bits=4');
  const filtered = points().length;
  const lines = csv().trim().split('\\n');
  filter('');
  const spot = chart.getDatasetMeta(2).data[0];
  const place = scatter.getBoundingClientRect();
  scatter.dispatchEvent(new MouseEvent('click', {bubbles: true, clientX: place.left + spot.x, clientY: place.top + spot.y}));
  chart.tooltip.setActiveElements([{datasetIndex: 2, index: 0}], {x: spot.x, y: spot.y});
  chart.update();
  const tooltip = chart.tooltip.body.flatMap((part) => part.lines).join(' ');
  document.querySelector('th button').click();
  return {said, pinned, filtered, csv: lines.length, all: points().length, tooltip, pins: state.pinned.length, seen,
          focusable: scatter.tabIndex === 0};
}
</script>
"""


@unittest.skipUnless(BROWSER, "no chromium")
class Page(ProgramTest):
    def look(self, file, steps="", width=1200, dark=False):
        """What the probe found in the page at this window width."""
        copy = self.folder / "probe.html"
        copy.write_text(Path(file).read_text(encoding="utf-8").replace("</body>", steps + PROBE + "</body>"),
                        encoding="utf-8")
        arguments = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={width},900",
                     f"--user-data-dir={self.folder / 'browser'}"]
        if dark:
            arguments.append("--blink-settings=preferredColorScheme=0")
        process = subprocess.run([*arguments, "--dump-dom", copy.as_uri()], stdin=subprocess.DEVNULL, capture_output=True,
                                 text=True, check=True, timeout=240)
        found = re.search(r'<pre id="result">(.*?)</pre>', process.stdout, re.DOTALL)
        self.assertIsNotNone(found, process.stdout[-2000:])
        answer = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
        self.assertEqual(answer["failures"], [])
        return answer

    def test_run(self):
        self.good("run", self.network, "--hardware", FLASH, "--images", 2, "--quiet", "--out", self.folder / "out")
        page = self.folder / "out" / "report.html"
        for width, dark in [(1200, False), (500, True)]:
            found = self.look(page, width=width, dark=dark)
            self.assertEqual(found["charts"], 4)
            self.assertTrue(found["drawn"] and found["named"])
            self.assertEqual(found["requests"], [])
            self.assertLessEqual(found["wide"], 0)
            self.assertIn("tiny on ou16-adc5-22nm", found["text"])

    def test_sweep(self):
        (self.folder / "sweep.json").write_text(json.dumps({
            "format": "cimcycle-sweep-1", "hardware": FLASH, "network": "tiny", "images": 2, "recalibrate": False,
            "axes": [{"adc.bits": [2, 3, 4, 99]}, {"schedule.row_policy": ["all", "skip_zero_groups"]}]}))
        self.good("sweep", self.folder / "sweep.json", "--out", self.folder / "out", "--quiet")
        self.good("report", self.folder / "out", "--out", self.folder / "report", "--quiet")
        found = self.look(self.folder / "report" / "report.html", SWEEP_STEPS)
        self.assertEqual(found["charts"], 3)  # the points, and an effect for each parameter
        self.assertTrue(found["drawn"] and found["named"] and found["focusable"])
        self.assertTrue(found["seen"], "points beyond the axes")
        self.assertEqual(found["requests"], [])
        self.assertLessEqual(found["wide"], 0)
        self.assertIn("adc.bits = ", found["said"])
        self.assertIn("top1 = ", found["tooltip"])
        self.assertTrue(found["pinned"])
        self.assertEqual((found["all"], found["filtered"], found["csv"]), (6, 2, 3))
        self.assertGreaterEqual(found["pins"], 1)
        self.assertEqual(found["rows"], 7)  # six points, and one reason for those that were not run
        phone = self.look(self.folder / "report" / "report.html", width=420, dark=True)
        self.assertTrue(phone["drawn"])
        self.assertLessEqual(phone["wide"], 0)


if __name__ == "__main__":
    unittest.main()
