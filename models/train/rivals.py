# SPDX-License-Identifier: Apache-2.0
"""The rivals of the gates: static pruning of OU groups, and gating of activation digits.

Groups that are removed have weights of 0, which a chip with schedule.zero_weights = skip does not read.
"""
import mars
import precision_gating
import teap

# A method is its file and its line here.
METHODS = {"teap": teap.TrainedThreshold, "mars": mars.GroupLasso, "pg": precision_gating.PrecisionGate}


class RivalSettings:
    """Which method, and what the methods ask for.

    lasso, cut: weight of the group lasso, and size below which a group goes (mars). high_bits, target: bits of the
    activations that are always read, and where the thresholds are drawn to (pg).
    """

    def __init__(self, method, activation_bits=8, lasso=0.0, high_bits=4, target=0.0, ou_rows=16, ou_cols=16,
                 cut=0.0):
        self.method, self.activation_bits, self.lasso = method, activation_bits, lasso
        self.high_bits, self.target = high_bits, target
        self.ou_rows, self.ou_cols, self.cut = ou_rows, ou_cols, cut
        if method == "pg" and not 0 < high_bits < activation_bits:
            raise SystemExit(f"--high-bits {high_bits}: expected 1 to {activation_bits - 1} of the activations' "
                             f"{activation_bits}")

    def of(self, weight):
        """The rival of a layer with these float weights."""
        return METHODS[self.method](weight, self)
