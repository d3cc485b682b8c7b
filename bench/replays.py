# SPDX-License-Identifier: Apache-2.0
"""What the scripts that replay networks and plot the results share: running the program, its reports, tables and pictures."""
import csv
import hashlib
import io
import json
import os
import subprocess
from pathlib import Path


def run(*command, **options):
    """Runs the program; if it fails, it has said why, and the script ends with its exit code."""
    try:
        return subprocess.run([str(part) for part in command], check=True, **options)
    except FileNotFoundError:
        raise SystemExit(f"{command[0]}: no such program; ./dev build makes build/release/cimcycle") from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(error.returncode) from None


def fingerprint(arguments, network, *others, hardware=None):
    """Names results, so that those of other inputs are never taken for them.

    It covers the program itself, the chip with everything that its file is based on, the network's files, the dataset
    and `others`, such as numbers of images.
    """
    chip = run(arguments.program, "describe", "--hardware", hardware or arguments.hardware, "--json",
               stdout=subprocess.PIPE)
    parts = [Path(arguments.program).read_bytes(), chip.stdout, arguments.dataset.encode(), repr(others).encode()]
    parts += [(Path(network) / name).read_bytes() for name in ("network.json", "weights.safetensors")]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:12]


# More images hardly move a mean latency, and timing is the slow part of a replay.
TIMED_IMAGES = 64


def report_of(arguments, network, folder, *options, images=None):
    """Replays `network` into `folder`, unless that is done; returns its report.

    arguments: program, hardware, dataset and images of a script's command line. options: more of `cimcycle run`.
    """
    report, images = folder / "report.json", images or arguments.images
    if not report.exists():
        run(arguments.program, "run", network, "--hardware", arguments.hardware, "--dataset", arguments.dataset, "--images",
            images, "--timed-images", min(images, TIMED_IMAGES), "--out", folder, *options)
    return json.loads(report.read_text())


def write_text(file, text):
    """The whole file or none of it."""
    part = file.with_name(file.name + ".part")
    with open(part, "w", encoding="utf-8", newline="") as to:
        to.write(text)
    os.replace(part, file)


def write_csv(file, columns, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    write_text(file, text.getvalue())


def pyplot():
    """Matplotlib, set up so that the same picture has the same bytes."""
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "cimcycle"
    import matplotlib.pyplot as module
    return module


def save_svg(figure, title, file):
    figure.suptitle(title, fontsize=10)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
