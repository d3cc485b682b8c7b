// SPDX-License-Identifier: Apache-2.0
// cimcycle dataset: the first images of a dataset as a file that training scripts read.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/terminal.h"
#include "data/dataset.h"
#include "data/npz.h"

namespace cimcycle {
namespace {

DataSplit parse_split(const std::string& word) {
  constexpr std::array<std::string_view, 2> words{"train", "test"};
  if (word == words[0]) return DataSplit::train;
  if (word == words[1]) return DataSplit::test;
  fail_input("dataset: --split = \"{}\": no such split{}; known: {}", printable(word), did_you_mean(word, words),
             join(words));
}

}  // namespace

int dataset_command(CommandArguments given) {
  const Arguments arguments(
      {"dataset",
       "Writes images and labels of a dataset for NumPy: arrays images (N, C, H, W), uint8, and labels (N,).\n"
       "NAME is synthetic[:SEED] (built in), cifar10:DIR, cifar10 (folder from CIMCYCLE_DATA) or npz:FILE.",
       {"NAME"},
       {{"split", "train|test", "which images (default: test)"},
        {"images", "N", "the first N images (default: all)"},
        {"out", "FILE.npz", "file to write"}}},
      given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const std::optional<std::string> out = arguments.text("out");
  if (!out) fail_input("dataset: --out FILE.npz is missing");
  const std::string split = arguments.text("split").value_or("test");
  const Dataset dataset = open_images(arguments.positional(0), parse_split(split));
  // What a .npz file below 4 GiB holds; asked before memory of that size is.
  const std::int64_t most = std::min(dataset.size, (std::int64_t{1} << 32) / (dataset.shape.size() + 2) - 1);
  const std::int64_t images = arguments.count("images", 1, dataset.size).value_or(dataset.size);
  if (images > most) {
    fail_input("dataset: {} images of {} bytes exceed the 4 GiB of an .npz file; add --images {} or less", images,
               dataset.shape.size(), most);
  }

  const std::size_t bytes = static_cast<std::size_t>(dataset.shape.size());
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(images) * bytes);
  std::vector<int> labels(static_cast<std::size_t>(images));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels[i] = dataset.read(static_cast<std::int64_t>(i), std::span(pixels).subspan(i * bytes, bytes));
  }
  write_file_atomically(*out, npz_file(dataset.shape, pixels, labels));
  print(fmt::format("{}: {} {} images of {}\n", printable(*out), images, split, printable(dataset.name)));
  return exit_good;
}

}  // namespace cimcycle
