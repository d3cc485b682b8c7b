// SPDX-License-Identifier: Apache-2.0
// Checks that trace and layer belong together, plans the layer and runs it.
#include "chip/layer_time.h"

#include <stdexcept>

#include "base/text.h"
#include "chip/layer_plan.h"
#include "chip/layer_run.h"

namespace cimcycle {
namespace {

void check_trace(const Layer& layer, const LayerMapping& mapping, const LayerPlan& plan, const LayerTrace& trace) {
  const std::size_t pairs = static_cast<std::size_t>(trace.vectors) * mapping.groups.size();
  const bool digits_fit = trace.vectors == layer.vectors() &&
                          trace.vectors == static_cast<int>(plan.window.needed.size()) &&
                          trace.groups == static_cast<int>(mapping.groups.size()) && trace.digits.size() == pairs &&
                          trace.low_digits.size() == (mapping.low_digits > 0 ? pairs : 0);
  const bool masks_fit =
      !plan.masks_needed || (std::size_t{64} * static_cast<std::size_t>(trace.mask_words) >= mapping.blocks.size() &&
                             trace.open.size() == pairs * static_cast<std::size_t>(trace.mask_words));
  if (digits_fit && masks_fit) return;
  throw std::logic_error("time_layer: the trace does not belong to layer " + printable(layer.name));
}

}  // namespace

LayerTime time_layer(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware, const TimingSpec& spec,
                     const LayerTrace& trace, GateTreatment treatment) {
  const LayerPlan plan = plan_layer(layer, mapping, hardware, spec, treatment);
  check_trace(layer, mapping, plan, trace);
  const MemoryWidths widths{hardware.chip.global_port_bits, hardware.chip.link_bits, spec.link_cycles};
  return LayerRun(plan, trace, widths, spec.vector_cycles).run();
}

}  // namespace cimcycle
