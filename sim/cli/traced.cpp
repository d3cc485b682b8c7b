// SPDX-License-Identifier: Apache-2.0
#include "cli/traced.h"

#include "base/error.h"
#include "base/files.h"
#include "compare/trace_network.h"
#include "data/dataset.h"
#include "replay/record_inputs.h"

namespace cimcycle {

TraceRecord traced(const Arguments& arguments, const std::string& place) {
  const std::filesystem::path folder = find_shipped(place);
  if (is_neurosim_trace(folder)) {
    if (arguments.has("dataset") || arguments.has("image")) {
      fail_input("{}: is a trace, which holds its inputs; leave --dataset and --image out", shown_path(folder));
    }
    return read_neurosim_trace(folder, arguments.threads());
  }
  const Network network = load_network(folder);
  const Dataset dataset = open_dataset(arguments.dataset(folder, network), DataSplit::test);
  const Hardware hardware = load_hardware(find_shipped(std::string(recording_chip)));
  const std::int64_t image = arguments.count("image", 0, dataset.size - 1).value_or(0);
  return trace_of_network(network, record_inputs(network, hardware, dataset, image));
}

}  // namespace cimcycle
