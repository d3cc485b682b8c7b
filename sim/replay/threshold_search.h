// SPDX-License-Identifier: Apache-2.0
// Spreads the closed gates over the layers: the most energy saved for the damage done, until the whole network meets
// the target.
#pragma once

#include <functional>
#include <vector>

#include "replay/gate_profile.h"

namespace cimcycle {

/// Closed share of each profiled layer, 0 to 1.
using ClosedShares = std::vector<double>;

/// Halvings of the price's interval (on a logarithmic scale over twelve decades), and of the way between the two last.
inline constexpr int price_steps = 10;
inline constexpr int mixing_steps = 5;
/// How often the search asks.
inline constexpr int search_steps = price_steps + mixing_steps;

/// The boldest shares for which `within_target` holds, all layers gated at once. A price of damage (pJ per unit of it)
/// is searched at whose shares the network is just within the target; each layer then closes the share that saves the
/// most at that price. `within_target` is asked search_steps times and should turn false once as shares grow.
ClosedShares search_shares(const std::vector<GateProfile>& profiles,
                           const std::function<bool(const ClosedShares&)>& within_target);

/// The same share for each of `layers` layers, the boldest for which `within_target` holds: the choice by hand that
/// search_shares is measured against.
ClosedShares search_equal_shares(std::size_t layers, const std::function<bool(const ClosedShares&)>& within_target);

}  // namespace cimcycle
