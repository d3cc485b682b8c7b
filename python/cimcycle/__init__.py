# SPDX-License-Identifier: Apache-2.0
"""cimcycle: a cycle-level simulator of ReRAM crossbar accelerators.

    import cimcycle

    network = cimcycle.Network.load("models/resnet20-synthetic-dec3-4-4")
    hardware = cimcycle.Hardware.load("ou16-adc5-22nm").set("adc.bits", 4)
    report = cimcycle.run(network, hardware, count=100)
    print(report.top1, report.energy_pj, report.latency_ns)

Names of files are those of the program: as given if they exist, else as shipped. Energies are pJ and times ns per image,
shares are 0 to 1. Wrong input raises InputError with the line that the program would print, a full disk RunError; Ctrl-C
ends long work with KeyboardInterrupt. Results do not depend on the number of threads.
"""
try:
    from ._cimcycle import InputError, RunError, version as __version__
except ImportError as error:
    raise ImportError(f"cimcycle is not built for this Python; in the clone: ./dev python ({error})") from error

for _error in (InputError, RunError):
    _error.__module__ = __name__

from .calibration import Calibration, calibrate
from .datasets import load_images
from .hardware import Hardware
from .network import Network
from .partial_sums import LayerPartialSums, PathSums, layer_partial_sums
from .report import Report
from .running import energy_table, run
from .sweeps import sweep

__all__ = ["Calibration", "Hardware", "InputError", "LayerPartialSums", "Network", "PathSums", "Report", "RunError",
           "__version__", "calibrate", "energy_table", "layer_partial_sums", "load_images", "run", "sweep"]
