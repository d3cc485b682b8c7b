// SPDX-License-Identifier: Apache-2.0
#include "report/masks_npz.h"

#include <vector>

#include "data/npy.h"
#include "data/zip.h"

namespace cimcycle {

std::string masks_npz(std::span<const LayerMasks> masks) {
  std::vector<ZipContent> arrays;
  for (const LayerMasks& layer : masks) {
    std::string bytes = npy_header("|u1", layer.shape);
    bytes.append(reinterpret_cast<const char*>(layer.open.data()), layer.open.size());
    arrays.push_back({layer.name + ".npy", std::move(bytes)});
  }
  return zip_archive(arrays);
}

}  // namespace cimcycle
