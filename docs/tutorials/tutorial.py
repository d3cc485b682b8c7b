# SPDX-License-Identifier: Apache-2.0
"""Where the pictures of the tutorials go: the folder of the environment variable TUTORIAL_PICTURES, else the current
one. The committed ones lie in docs/images."""
import os

import matplotlib

# Letters stay letters, and the same figure gives the same bytes: a change of a committed picture is one of its content.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "cimcycle"})


def save(figure, name):
    path = os.path.join(os.environ.get("TUTORIAL_PICTURES", "."), f"tutorial-{name}.svg")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    print("wrote", path)
