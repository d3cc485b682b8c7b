// SPDX-License-Identifier: Apache-2.0
#include "explore/early_stop.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/hypergeometric.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "report/units.h"

namespace cimcycle {
namespace {

/// Whether `a` is nowhere worse than `b`, on the same images.
bool covers(const Rival& a, const Rival& b) {
  const bool latency_known = a.latency_ns.has_value() == b.latency_ns.has_value();
  return a.dataset == b.dataset && latency_known && a.top1 >= b.top1 && a.energy_pj <= b.energy_pj &&
         a.latency_ns.value_or(0) <= b.latency_ns.value_or(0) && a.area_um2 <= b.area_um2;
}

std::optional<Rival> rival_of(const StoredPoint& row) {
  if (row.status != "done") return std::nullopt;
  const auto figure = [&](const char* name) -> std::optional<double> {
    const auto value = row.metrics.find(name);
    if (value == row.metrics.end() || !value->is_number()) return std::nullopt;
    return value->get<double>();
  };
  const auto top1 = figure("top1"), energy_pj = figure("energy_pj"), area_um2 = figure("area_um2");
  if (!top1 || !energy_pj || !area_um2) return std::nullopt;
  return Rival{row.hash, row.config.value("dataset", std::string()), *top1, *energy_pj, figure("latency_ns"),
               *area_um2};
}

}  // namespace

void Rivals::add(std::span<const StoredPoint> rows) {
  for (const StoredPoint& row : rows) {
    std::optional<Rival> rival = rival_of(row);
    if (!rival) continue;
    if (std::any_of(list_.begin(), list_.end(), [&](const Rival& other) { return covers(other, *rival); })) continue;
    std::erase_if(list_, [&](const Rival& other) { return covers(*rival, other); });
    list_.push_back(std::move(*rival));
  }
}

std::int64_t most_hits(std::int64_t hits, std::int64_t seen, std::int64_t images, double confidence) {
  // The largest number of right answers for which so few among those seen are not too unlikely.
  std::int64_t possible = hits, impossible = images - (seen - hits) + 1;
  while (impossible - possible > 1) {
    const std::int64_t middle = possible + (impossible - possible) / 2;
    const boost::math::hypergeometric_distribution<double> right_among_seen(
        static_cast<unsigned>(middle), static_cast<unsigned>(seen), static_cast<unsigned>(images));
    const bool likely = cdf(right_among_seen, static_cast<unsigned>(hits)) > 1 - confidence;
    (likely ? possible : impossible) = middle;
  }
  return possible;
}

double least_mean(const Spread& spread, std::int64_t samples, double confidence) {
  if (samples < 2) return -std::numeric_limits<double>::infinity();
  const double count = static_cast<double>(samples);
  const double error = spread.std / std::sqrt(count - 1);  // spread.std divides by the number of samples
  return spread.mean - quantile(boost::math::students_t(count - 1), confidence) * error;
}

std::optional<std::string> beaten_by(std::span<const Rival> rivals, const RunResult& pilot, const std::string& dataset,
                                     std::int64_t images, double confidence) {
  if (!pilot.top1) return std::nullopt;
  const std::int64_t hits = std::llround(*pilot.top1 * static_cast<double>(pilot.images));
  const double top1 =
      static_cast<double>(most_hits(hits, pilot.images, images, confidence)) / static_cast<double>(images);
  const bool timed = pilot.timed_images > 0;
  const double latency_ns = least_mean(pilot.latency_ns, pilot.timed_images, confidence);
  // The spread of energies is that of the dynamic part; leakage follows the latency (1 uW x 1 ns = 1e-3 pJ).
  const double less_leakage_pj = timed ? 1e-3 * pilot.chip.leakage_uw() * (pilot.latency_ns.mean - latency_ns) : 0;
  const double energy_pj = least_mean(pilot.energy_spread_pj, pilot.images, confidence) - less_leakage_pj;
  const auto beats = [&](const Rival& rival) {
    const bool as_fast = !timed || (rival.latency_ns && *rival.latency_ns <= latency_ns);
    return rival.dataset == dataset && rival.top1 > top1 && rival.energy_pj <= energy_pj && as_fast &&
           rival.area_um2 <= pilot.chip.area_um2();
  };
  const auto found = std::find_if(rivals.begin(), rivals.end(), beats);
  if (found == rivals.end()) return std::nullopt;
  return fmt::format("after {} of {} images top-1 is at most {:.2f} %, but point {} reaches {:.2f} % with {}",
                     pilot.images, images, 100 * top1, found->hash, 100 * found->top1,
                     with_unit(found->energy_pj, energy_units));
}

}  // namespace cimcycle
