// SPDX-License-Identifier: Apache-2.0
// Finds the kind of dataset that a name asks for.
#include "data/dataset.h"

#include <array>

#include "base/error.h"
#include "base/text.h"
#include "data/sources.h"

namespace cimcycle {

std::string_view split_name(DataSplit split) { return split == DataSplit::train ? "train" : "test"; }

Dataset open_dataset(std::string_view name, DataSplit split) {
  // The one place that lists the kinds.
  const std::array<const DatasetKind*, 7> kinds{&cifar10_kind, &cifar100_kind,  &mnist_kind, &images_kind,
                                                &npz_kind,     &synthetic_kind, &trace_kind};

  const std::size_t colon = name.find(':');
  const bool has_place = colon != std::string_view::npos;
  const std::string_view kind_name = name.substr(0, colon);
  std::array<std::string_view, kinds.size()> names;
  std::array<std::string_view, kinds.size()> usages;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i]->name == kind_name) return kinds[i]->open(has_place ? name.substr(colon + 1) : "", has_place, split);
    names[i] = kinds[i]->name;
    usages[i] = kinds[i]->usage;
  }
  fail_input("dataset \"{}\": no such kind{}; known: {}", printable(name), did_you_mean(kind_name, names),
             join(usages));
}

std::string dataset_name(const std::optional<std::string>& asked, const std::filesystem::path& network_folder,
                         const Network& network) {
  const std::string name = asked.value_or(network.dataset);
  return name == "trace" ? "trace:" + network_folder.string() : name;
}

Dataset open_images(std::string_view name, DataSplit split) {
  Dataset dataset = open_dataset(name, split);
  if (dataset.recorded) {
    fail_input("dataset \"{}\": holds recorded layer inputs, no labelled images; run and compare take it",
               printable(name));
  }
  return dataset;
}

}  // namespace cimcycle
