// SPDX-License-Identifier: Apache-2.0
// Recorded layer inputs as a dataset of one image without pixels and label.
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "data/recorded_inputs.h"
#include "data/sources.h"

namespace cimcycle {
namespace {

/// 2^30 values of two bytes: more than a trace of any network in use.
constexpr std::uintmax_t max_bytes = std::uintmax_t{1} << 31;

// Recorded inputs have no splits: they are what a recording left.
Dataset open_trace(std::string_view place, bool, DataSplit split) {
  if (place.empty()) {
    fail_input("dataset \"trace\": no folder; write trace:DIR, the folder that holds {}", recorded_inputs_name);
  }
  const std::string folder(place);
  const std::filesystem::path file = std::filesystem::path(folder) / recorded_inputs_name;
  Dataset dataset;
  dataset.name = "trace:" + folder;
  dataset.split = split;
  dataset.size = 1;
  dataset.recorded =
      std::make_shared<const RecordedInputs>(parse_recorded_inputs(read_file(file, max_bytes), file.string()));
  return dataset;
}

}  // namespace

const DatasetKind trace_kind{"trace", "trace:DIR", open_trace};

}  // namespace cimcycle
