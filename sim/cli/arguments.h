// SPDX-License-Identifier: Apache-2.0
// Strict reading of a command's arguments: every option is declared once, and anything else is an InputError.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "hardware/hardware.h"
#include "network/network.h"

namespace cimcycle {

/// One option of a command.
struct OptionRow {
  std::string_view name;   ///< without the dashes
  std::string_view value;  ///< what stands for the value in --help, empty for a switch
  std::string_view help;   ///< one line
  bool repeated = false;   ///< may be given more than once
};

/// Everything a command accepts; also the text of its --help.
struct Syntax {
  std::string_view command;
  std::string_view summary;  ///< what the command does, one or two lines
  /// Names of the arguments without dashes, in order; all are needed. The last one may end in "...": it may be
  /// repeated.
  std::vector<std::string_view> positional;
  std::vector<OptionRow> options;
};

/// Options that several commands share.
inline constexpr OptionRow hardware_option = {"hardware", "FILE",
                                              "hardware description: a file, or the name of a chip in tech/chips"};
inline constexpr OptionRow set_option = {"set", "KEY=VALUE",
                                         "change one key of the hardware description; may be repeated", true};
inline constexpr OptionRow test_dataset_option = {"dataset", "NAME",
                                                  "images to run (default: the test images that the network names)"};
inline constexpr OptionRow training_dataset_option = {
    "dataset", "NAME", "its training images are used (default: the dataset that the network names)"};
inline constexpr OptionRow threads_option = {"threads", "N",
                                             "threads (default: one per core); results do not depend on it"};
inline constexpr OptionRow quiet_option = {"quiet", "", "print nothing but errors"};
inline constexpr OptionRow json_option = {"json", "", "print JSON instead of text"};

/// The arguments of one call, checked against the syntax.
class Arguments {
 public:
  /// Throws InputError on an unknown, repeated or incomplete option and on missing or surplus arguments.
  Arguments(const Syntax& syntax, CommandArguments arguments);

  /// --help was given: the command prints help() and ends with 0. Nothing else was checked then.
  bool wants_help() const { return has("help"); }
  std::string help() const;

  bool has(std::string_view option) const;
  /// The argument without dashes at this place.
  const std::string& positional(std::size_t index) const { return positional_.at(index); }
  const std::vector<std::string>& positionals() const { return positional_; }
  /// The value of an option, or nothing if it was not given. An empty value is an InputError.
  std::optional<std::string> text(std::string_view option) const;
  /// The values of a repeated option, in order.
  std::vector<std::string> texts(std::string_view option) const;
  /// A plain decimal number. Throws InputError otherwise.
  std::optional<double> number(std::string_view option) const;
  /// Such numbers with commas between them; none if the option was not given.
  std::vector<double> numbers(std::string_view option) const;
  /// A decimal integer in [min, max], digits only. Throws InputError otherwise.
  std::optional<std::int64_t> count(std::string_view option, std::int64_t min,
                                    std::int64_t max = std::numeric_limits<std::int64_t>::max()) const;
  /// The value of --threads, or all cores of this machine. Throws InputError as `count` does.
  int threads() const;
  /// The chip named by --hardware and changed by --set. Throws InputError; without --hardware it names the shipped
  /// chips.
  Hardware hardware() const;

  /// What --dataset names, else the network (of that folder). Throws InputError if neither names one.
  std::string dataset(const std::filesystem::path& network_folder, const Network& network) const;

 private:
  std::string name_of(std::string_view option) const;
  double number_of(std::string_view option, const std::string& text) const;

  Syntax syntax_;
  std::vector<std::string> positional_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

}  // namespace cimcycle
