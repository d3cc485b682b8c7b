# SPDX-License-Identifier: Apache-2.0
"""Rows of networks under one accounting: what they save against static networks, as ratios, a table and a picture."""
from replays import pyplot, save_svg

# Energies and times per image that a front is drawn of, and what they are called.
MEASURES = {"paper_uj": "paper's accounting (uJ)", "composed_uj": "the same, composed as NeuroSim (uJ)", "energy_uj": "simulated energy (uJ)",
            "oracle_uj": "simulated, masks known for free (uJ)", "latency_ms": "latency (ms)"}
STATIC_METHODS = ("static", "teap", "mars")
STYLES = {"static": ("s", "#000000"), "dec3": ("o", "#0072b2"), "teap": ("^", "#d55e00"), "mars": ("v", "#009e73"),
          "pg": ("D", "#cc79a7")}


def _same_chip(row, rows):
    return [other for other in rows if (other["topology"], other["row_policy"]) == (row["topology"], row["row_policy"])]


def add_ratios(rows):
    """Adds to each row, per measure, how many times less it takes than two static networks under the same row policy.

    vs_static8: the network TOPOLOGY-...-static8, every weight read. vs_best_static: the one among static, T-EAP and
    MARS-style networks of equal or better accuracy that takes least, zero weights skipped or not; `best_static` names
    that of the simulated energy. None where there is no such network.
    """
    for row in rows:
        rivals = [other for other in _same_chip(row, rows) if other["method"] in STATIC_METHODS]
        eight_bits = [other for other in rivals if other["network"].endswith("-static8") and other["zero_weights"] == "read"]
        as_good = [other for other in rivals if other["top1"] >= row["top1"]]
        for measure in MEASURES:
            best = min((other[measure] for other in as_good if other[measure] is not None), default=None)
            row[f"vs_static8_{measure}"] = _ratio(eight_bits[0][measure] if eight_bits else None, row[measure])
            row[f"vs_best_static_{measure}"] = _ratio(best, row[measure])
        best = min(as_good, key=lambda other: other["energy_uj"], default=None)
        row["best_static"] = None if best is None else best["network"]


def _ratio(other, own):
    return None if other is None or own is None else other / own


def front_of(rows, measure):
    """The rows that no other one beats in accuracy without taking more, cheapest first; without rows of no figure."""
    front = []
    for row in sorted((row for row in rows if row[measure] is not None), key=lambda row: (row[measure], -row["top1"])):
        if not front or row["top1"] > front[-1]["top1"]:
            front.append(row)
    return front


def _text(value, digits):
    return "-" if value is None else f"{value:.{digits}f}"


def table(rows):
    """One line per row: accuracy, what it takes, and both ratios in the paper's accounting and simulated."""
    title = ("network", "mask", "rows", "zeros", "top-1 %", "skipped %", "paper uJ", "composed uJ", "uJ", "oracle uJ", "ms",
             "vs_static8 paper", "simulated", "vs_best_static paper", "simulated")
    lines = [title]
    for row in rows:
        share = row["skip_ratio"] if row["skip_ratio"] is not None else row["masked_ratio"]
        lines.append((row["network"], row["mask_known"] or "-", row["row_policy"], row["zero_weights"],
                      _text(100 * row["top1"], 2), _text(None if share is None else 100 * share, 1),
                      *(_text(row[measure], 2) for measure in MEASURES),
                      *(_text(row[f"{ratio}_{measure}"], 2) for ratio in ("vs_static8", "vs_best_static")
                        for measure in ("paper_uj", "energy_uj"))))
    widths = [max(len(line[column]) for line in lines) for column in range(len(title))]
    return "\n".join("  ".join(cell.ljust(width) if column < 4 else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(line, widths))).rstrip() for line in lines)


def plot(rows, title, file):
    """Accuracy over every measure, a line of panels for each row policy."""
    policies = sorted({row["row_policy"] for row in rows})
    figure, panels = pyplot().subplots(len(policies), len(MEASURES), figsize=(4 * len(MEASURES), 3.4 * len(policies)),
                                       squeeze=False)
    for line, policy in zip(panels, policies):
        own = [row for row in rows if row["row_policy"] == policy]
        for panel, (measure, label) in zip(line, MEASURES.items()):
            for method, (marker, colour) in STYLES.items():
                points = [row for row in own if row["method"] == method and row[measure] is not None]
                if not points:
                    continue
                panel.plot([row[measure] for row in points], [100 * row["top1"] for row in points], marker, color=colour,
                           label=method, markersize=5)
                front = front_of(points, measure)
                panel.plot([row[measure] for row in front], [100 * row["top1"] for row in front], "-", color=colour,
                           linewidth=0.8)
            panel.set(xlabel=label, ylabel="top-1 (%)", title=f"rows: {policy}")
            panel.set_xlim(left=0)
            panel.grid(alpha=0.3)
    panels[0][0].legend(fontsize=8)
    save_svg(figure, title, file)
