// SPDX-License-Identifier: Apache-2.0
// Strict reading of a command's arguments, on top of Boost.Program_options.
#include "cli/arguments.h"

#include <fmt/format.h>

#include <boost/program_options.hpp>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"
#include "base/parallel.h"
#include "base/text.h"
#include "cli/shipped.h"
#include "data/dataset.h"

namespace cimcycle {
namespace {

namespace po = boost::program_options;

constexpr OptionRow help_option = {"help", "", "show this text"};

po::options_description declared(const Syntax& syntax) {
  po::options_description all;
  for (const OptionRow& row : syntax.options) {
    if (row.value.empty()) {
      all.add_options()(std::string(row.name).c_str(), "");
    } else {
      all.add_options()(std::string(row.name).c_str(), po::value<std::string>(), "");
    }
  }
  return all;
}

/// "--imags" without dashes and value.
std::string bare_name(const std::string& token) {
  const auto begin = token.find_first_not_of('-');
  return begin == std::string::npos ? token : token.substr(begin, token.find('=') - begin);
}

}  // namespace

Arguments::Arguments(const Syntax& syntax, CommandArguments arguments) : syntax_(syntax) {
  syntax_.options.push_back(help_option);
  const std::array<std::string_view, 2> help_words = {"--help", "-h"};
  if (std::find_first_of(arguments.begin(), arguments.end(), help_words.begin(), help_words.end()) != arguments.end()) {
    values_["help"];
    return;
  }
  const po::options_description options = declared(syntax_);
  // No abbreviations and no short options: a typing error must not mean another option.
  const int style = po::command_line_style::allow_long | po::command_line_style::long_allow_next |
                    po::command_line_style::long_allow_adjacent;
  std::vector<po::option> parsed;
  try {
    parsed = po::command_line_parser(std::vector<std::string>(arguments.begin(), arguments.end()))
                 .options(options)
                 .style(style)
                 .run()
                 .options;
  } catch (const po::unknown_option& error) {
    std::vector<std::string_view> known;
    for (const OptionRow& row : syntax_.options) known.push_back(row.name);
    const std::string name = bare_name(error.get_option_name());
    const std::string_view near = nearest(name, known);
    fail_input("{}: unknown option --{}{}; see cimcycle {} --help", syntax_.command, printable(name),
               near.empty() ? "" : fmt::format("; did you mean --{}?", near), syntax_.command);
  } catch (const po::error_with_option_name& error) {
    const std::string name = bare_name(error.get_option_name());
    const auto row = std::find_if(syntax_.options.begin(), syntax_.options.end(),
                                  [&](const OptionRow& r) { return r.name == name; });
    if (row != syntax_.options.end() && row->value.empty()) fail_input("{} takes no value", name_of(name));
    fail_input("{} needs a value", name_of(name));
  } catch (const po::error& error) {
    fail_input("{}: {}", syntax_.command, printable(error.what()));
  }

  for (const po::option& option : parsed) {
    if (option.string_key.empty()) {
      positional_.insert(positional_.end(), option.value.begin(), option.value.end());
      continue;
    }
    std::vector<std::string>& values = values_[option.string_key];
    const auto row = std::find_if(syntax_.options.begin(), syntax_.options.end(),
                                  [&](const OptionRow& r) { return r.name == option.string_key; });
    if (!values.empty() && !row->repeated) fail_input("{} is given twice", name_of(option.string_key));
    values.insert(values.end(), option.value.begin(), option.value.end());
  }
  const std::size_t needed = syntax_.positional.size();
  if (positional_.size() < needed) {
    fail_input("{}: {} is missing; see cimcycle {} --help", syntax_.command, syntax_.positional[positional_.size()],
               syntax_.command);
  }
  const bool repeats = needed > 0 && syntax_.positional.back().ends_with("...");
  if (positional_.size() > needed && !repeats) {
    fail_input("{}: \"{}\" is one argument too many; see cimcycle {} --help", syntax_.command,
               printable(positional_[needed]), syntax_.command);
  }
}

std::string Arguments::help() const {
  std::string usage = fmt::format("usage: cimcycle {}", syntax_.command);
  for (const std::string_view name : syntax_.positional) usage += fmt::format(" {}", name);
  std::vector<std::string> titles;
  std::size_t width = 0;
  for (const OptionRow& row : syntax_.options) {
    titles.push_back(fmt::format("--{}{}{}", row.name, row.value.empty() ? "" : " ", row.value));
    width = std::max(width, titles.back().size());
  }
  std::string text = fmt::format("{} [options]\n\n{}\n\n", usage, syntax_.summary);
  for (std::size_t i = 0; i < titles.size(); ++i) {
    text += fmt::format("  {:<{}}  {}\n", titles[i], width, syntax_.options[i].help);
  }
  return text;
}

bool Arguments::has(std::string_view option) const { return values_.find(option) != values_.end(); }

std::optional<std::string> Arguments::text(std::string_view option) const {
  const auto found = values_.find(option);
  if (found == values_.end()) return std::nullopt;
  const std::string& value = found->second.front();
  if (value.empty()) fail_input("{} is empty", name_of(option));
  return value;
}

std::vector<std::string> Arguments::texts(std::string_view option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

double Arguments::number_of(std::string_view option, const std::string& text) const {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) {
    fail_input("{}: --{} {}: expected a number", syntax_.command, option, printable(text));
  }
  return value;
}

std::optional<double> Arguments::number(std::string_view option) const {
  const std::optional<std::string> value = text(option);
  if (!value) return std::nullopt;
  return number_of(option, *value);
}

std::vector<double> Arguments::numbers(std::string_view option) const {
  const std::optional<std::string> list = text(option);
  std::vector<double> values;
  if (!list) return values;
  for (std::size_t first = 0; first <= list->size();) {
    const std::size_t comma = std::min(list->find(',', first), list->size());
    values.push_back(number_of(option, list->substr(first, comma - first)));
    first = comma + 1;
  }
  return values;
}

std::optional<std::int64_t> Arguments::count(std::string_view option, std::int64_t min, std::int64_t max) const {
  const std::optional<std::string> value = text(option);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto [stop, error] = std::from_chars(value->data(), end, number);
  if (error != std::errc() || stop != end || number < min || number > max) {
    const bool open_ended = max == std::numeric_limits<std::int64_t>::max();
    fail_input("{} = \"{}\": expected a whole number, {}", name_of(option), printable(*value),
               open_ended ? fmt::format("{} or more", min) : fmt::format("{} to {}", min, max));
  }
  return number;
}

int Arguments::threads() const {
  return static_cast<int>(count("threads", 1, most_threads).value_or(threads_of_machine()));
}

Hardware Arguments::hardware() const {
  const std::optional<std::string> file = text("hardware");
  if (!file) {
    fail_input("{}: --hardware FILE is missing; shipped: {}", syntax_.command, shipped_names("tech/chips", ".json"));
  }
  return load_hardware(find_hardware(*file), texts("set"));
}

std::string Arguments::dataset(const std::filesystem::path& network_folder, const Network& network) const {
  const std::string name = dataset_name(text("dataset"), network_folder, network);
  if (name.empty()) {
    fail_input("{}: --dataset NAME is missing, and {} names none; one that is built in: synthetic", syntax_.command,
               network_folder.string());
  }
  return name;
}

std::string Arguments::name_of(std::string_view option) const {
  return fmt::format("{}: --{}", syntax_.command, option);
}

}  // namespace cimcycle
