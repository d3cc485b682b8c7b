// SPDX-License-Identifier: Apache-2.0
#include "replay/threshold_search.h"

#include <cmath>

namespace cimcycle {
namespace {

/// The closed share of a layer that saves the most energy at this price of damage.
double best_share(const GateProfile& layer, double price_pj) {
  double best = 0, best_gain = 0;
  for (int percent = 1; percent <= 100; ++percent) {
    const double share = percent / 100.0;
    const double gain = layer.saving_pj * share - price_pj * layer.damage_at(share);
    if (gain > best_gain) {
      best = share;
      best_gain = gain;
    }
  }
  return best;
}

ClosedShares best_shares(const std::vector<GateProfile>& profiles, double price_pj) {
  ClosedShares shares;
  for (const GateProfile& profile : profiles) shares.push_back(best_share(profile, price_pj));
  return shares;
}

/// Each layer on its way from one share to the other.
ClosedShares between(const ClosedShares& from, const ClosedShares& to, double part) {
  ClosedShares shares = from;
  for (std::size_t i = 0; i < shares.size(); ++i) shares[i] += part * (to[i] - from[i]);
  return shares;
}

/// The farthest on the way from shares within the target to shares beyond it that still is within.
ClosedShares farthest_within(const ClosedShares& within, const ClosedShares& beyond, int steps,
                             const std::function<bool(const ClosedShares&)>& within_target) {
  double good_part = 0, bad_part = 1;
  for (int step = 0; step < steps; ++step) {
    const double part = 0.5 * (good_part + bad_part);
    (within_target(between(within, beyond, part)) ? good_part : bad_part) = part;
  }
  return between(within, beyond, good_part);
}

}  // namespace

ClosedShares search_shares(const std::vector<GateProfile>& profiles,
                           const std::function<bool(const ClosedShares&)>& within_target) {
  double total_saving_pj = 0;
  for (const GateProfile& profile : profiles) total_saving_pj += profile.saving_pj;
  // From a price at which a millionth of the damage 1 outweighs the whole saving to one at which all of it does not.
  double low = std::log(total_saving_pj * 1e-6), high = std::log(total_saving_pj * 1e6);
  ClosedShares within(profiles.size(), 0.0), beyond(profiles.size(), 1.0);
  for (int step = 0; step < price_steps; ++step) {
    const double middle = 0.5 * (low + high);
    const ClosedShares shares = best_shares(profiles, std::exp(middle));
    const bool good = within_target(shares);
    (good ? high : low) = middle;
    (good ? within : beyond) = shares;
  }
  // A layer's best share jumps where its damage curve bends; the target may lie inside a jump.
  return farthest_within(within, beyond, mixing_steps, within_target);
}

ClosedShares search_equal_shares(std::size_t layers, const std::function<bool(const ClosedShares&)>& within_target) {
  return farthest_within(ClosedShares(layers, 0.0), ClosedShares(layers, 1.0), search_steps, within_target);
}

}  // namespace cimcycle
