# SPDX-License-Identifier: Apache-2.0
"""Energy in the loss and in reports: the paper's accounting with E(b) from `cimcycle energy-table --out FILE`.

Layer l with the pair (hb, lb): E_l + (E_h - E_l)(1 - spar), E_l = E(hb), E_h = E(hb + lb); lb = 0: E_l = 0, E_h =
E(hb); static: E(hb + lb). A pruned static layer counts like one with lb = 0; Precision Gating has E_l = E(hb) x high
digits / digits. All in pJ per image; spar is the share of closed gates or of removed OU groups.
"""
import json

FORMAT = "cimcycle-energy-table-1"


class EnergyTable:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            try:
                text = json.load(file)
                if text.get("format") != FORMAT:
                    raise SystemExit(f"{path}: format {text.get('format')}; expected {FORMAT}")
                self.source, self.other_pj = text["source"], text["other_pj"]
                self.energy_pj = {layer["name"]: layer["energy_pj"] for layer in text["layers"]}
                self.static8_pj = text["total_pj"][8]
            except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
                raise SystemExit(f"{path}: no energy table ({error!r}); `cimcycle energy-table --out` writes one") from None

    def check(self, network):
        """Ends the program if a layer of the network has no row."""
        for spec in network.specs:
            if spec.has_weights() and spec.name not in self.energy_pj:
                raise SystemExit(f"the energy table has no layer {spec.name}; make one of a network of this topology")

    def pair_pj(self, name, hb, lb, is_masked, open_share, closed_part=0.0):
        """Of a layer with this pair. is_masked: gated, or a rival's; open_share: of gates or groups."""
        row = self.energy_pj[name]
        if not is_masked:
            return row[hb + lb]
        closed = row[hb] if lb > 0 else row[hb] * closed_part
        return closed + (row[hb + lb] - closed) * open_share

    def layer_pj(self, name, layer, open_share=1.0):
        return self.pair_pj(name, layer.hb, layer.lb, layer.is_masked, open_share, layer.closed_part)

    def masked_pj(self, network):
        """Energy of the masked layers in the last pass; carries the gradient of their open shares."""
        return sum(self.layer_pj(name, layer, layer.open_share) for name, layer in network.masked())

    def summary(self, network, open_shares):
        """Accounting of the whole network. open_shares: by name of the masked layers."""
        parts = {spec.name: self.layer_pj(spec.name, network.layer(spec.name), open_shares.get(spec.name, 1.0))
                 for spec in network.specs if spec.has_weights()}
        total = sum(parts.values()) + self.other_pj
        names = list(parts)
        return {"energy_pj": total, "vs_static8": self.static8_pj / total, "source": self.source,
                "ends_share": (parts[names[0]] + parts[names[-1]]) / total, "layers_pj": parts}
