// SPDX-License-Identifier: Apache-2.0
// Labelled images for replay and calibration, or layer inputs recorded from one image.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "data/recorded_inputs.h"
#include "network/network.h"

namespace cimcycle {

enum class DataSplit { train, test };

/// Label of images and recorded inputs that have none.
inline constexpr int no_label = -1;

/// A set of images that can be asked for one by one, from any thread.
struct Dataset {
  std::string name;  ///< "cifar10:DIR", "synthetic", "npz:FILE", "trace:DIR"
  DataSplit split{};
  Shape shape;
  std::int64_t size = 0;  ///< images available
  int classes = 0;
  /// Fills `pixels` (shape.size() bytes, channel-major) with image `index` and returns its label.
  std::function<int(std::int64_t index, std::span<std::uint8_t> pixels)> read;
  bool labelled = true;  ///< false: `read` returns no_label
  /// A trace instead of images: what each layer with weights reads. Then size is 1, there are no pixels and no classes,
  /// and `read` is empty.
  std::shared_ptr<const RecordedInputs> recorded = nullptr;
};

/// Opens a dataset by its command-line name: "cifar10:DIR", "cifar10" (folder from the environment variable
/// CIMCYCLE_DATA), "synthetic" or "synthetic:SEED" (built in; seed 0 if not given), "npz:FILE", "trace:DIR" (recorded
/// layer inputs). Throws InputError.
Dataset open_dataset(std::string_view name, DataSplit split);

/// The same for those who need images with labels: a trace is an InputError.
Dataset open_images(std::string_view name, DataSplit split);

/// The name for open_dataset: the one that a user asked for, else the one that the network names, and empty if there is
/// neither. "trace" without a folder means the inputs recorded with the network, which lie in its own folder.
std::string dataset_name(const std::optional<std::string>& asked, const std::filesystem::path& network_folder,
                         const Network& network);

/// Image `index` of the built-in set: a pure function of (seed, split, index), the same bits on every machine.
/// `pixels` holds 3 * 32 * 32 bytes, channel-major. Returns the digit, 0 to 9.
int synthetic_image(std::uint64_t seed, DataSplit split, std::int64_t index, std::span<std::uint8_t> pixels);

}  // namespace cimcycle
