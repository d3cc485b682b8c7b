# SPDX-License-Identifier: Apache-2.0
"""What the scripts that replay networks and plot the results share: running the program, its reports, pictures as SVG."""
import json
import subprocess


def run(*command):
    subprocess.run([str(part) for part in command], check=True)


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
