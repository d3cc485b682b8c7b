// SPDX-License-Identifier: Apache-2.0
// What Python gives as images: an array, the name of a dataset, or nothing.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "data/dataset.h"
#include "network/network.h"

namespace cimcycle::python {

using Labels = pybind11::array_t<std::int64_t, pybind11::array::c_style>;

/// Pixels and labels in the memory of Python's arrays, which this keeps.
struct ArrayImages {
  pybind11::array_t<std::uint8_t, pybind11::array::c_style> pixels;  ///< four axes
  std::optional<Labels> labels;
};

/// Images as a caller gave them.
struct Images {
  std::variant<std::monostate, std::string, ArrayImages> given;
  bool is_array() const { return std::holds_alternative<ArrayImages>(given); }
  /// How many an array holds.
  std::optional<std::int64_t> array_size() const {
    const auto* const array = std::get_if<ArrayImages>(&given);
    return array == nullptr ? std::nullopt : std::optional<std::int64_t>(array->pixels.shape(0));
  }
};

/// Looks at the two arguments: `images` is None, a text, or a uint8 array of four axes that is not copied if it is
/// contiguous; `labels` is None, or integers (for an array only). Throws InputError.
Images images_of(const pybind11::object& images, const pybind11::object& labels);

/// The dataset of these images, for a network that reads images of shape `image`: an array is N, C, H, W if that fits,
/// else N, H, W, C. Something must be given. Needs no GIL. The dataset must not outlive `images`.
Dataset dataset_of(const Images& images, DataSplit split, const Shape& image);

/// The same, or the network's own dataset where nothing is given. `what` stands in the message if it names none.
Dataset dataset_of(const Images& images, DataSplit split, const Network& network,
                   const std::filesystem::path& network_folder, std::string_view what);

}  // namespace cimcycle::python
