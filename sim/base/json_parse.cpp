// SPDX-License-Identifier: Apache-2.0
// JSON text to values, with limits on size and depth and with the place of every error.
#include <algorithm>
#include <iterator>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/json_object.h"
#include "base/text.h"

namespace cimcycle {

using nlohmann::json;

namespace {

constexpr std::uintmax_t max_bytes = std::uintmax_t{64} << 20;
constexpr std::size_t max_values = 4'000'000;
constexpr std::size_t max_depth = 64;

/// Hands the text to the parser and leaves in `position` how far it has read.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** position) : at_(at), position_(position) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *position_ = ++at_;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  const char** position_;
};

/// Builds the value while it keeps the limits; the member functions are those that the parser calls.
class Builder {
 public:
  Builder(json& root, std::string_view text, const char** position, const std::string& name)
      : root_(root), text_(text), position_(position), name_(name) {}

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  bool number_float(double value, const std::string& /*written*/) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(json::binary_t& /*value*/) { return false; }
  bool start_object(std::size_t /*size*/) { return open(json::object()); }
  bool start_array(std::size_t /*size*/) { return open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& key) {
    json& object = *open_.back();
    if (object.contains(key)) fail("key \"" + printable(key) + "\" stands twice in one object");
    member_ = &object[key];
    return true;
  }

  bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing ...": the place is
    // written by fail, what stands before it says nothing to a user.
    std::string_view reason = error.what();
    for (const std::string_view before : {"] ", "column "}) {
      const std::size_t found = reason.find(before);
      if (found != std::string_view::npos) reason.remove_prefix(found + before.size());
    }
    const std::size_t digits = reason.find_first_not_of("0123456789");
    if (digits > 0 && reason.substr(digits, 2) == ": ") reason.remove_prefix(digits + 2);
    fail(printable(reason));
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    // The place is that of the last character read: the parser stops at the first one that does not fit.
    const auto read = static_cast<std::size_t>(*position_ - text_.data());
    const std::string_view before = text_.substr(0, read > 0 ? read - 1 : 0);
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t column = read - line_start;
    fail_input("{}: line {}, column {}: {}", name_, line, column, reason);
  }

  template <class Value>
  bool add(Value&& value) {
    place(json(std::forward<Value>(value)));
    return true;
  }

  json* place(json&& value) {
    if (++values_ > max_values) fail(fmt::format("more than {} values", max_values));
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    *member_ = std::move(value);
    return member_;
  }

  bool open(json&& value) {
    if (open_.size() == max_depth) fail(fmt::format("more than {} levels deep", max_depth));
    // Stays valid: while a child is open, nothing is added to its parent.
    open_.push_back(place(std::move(value)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  json& root_;
  std::string_view text_;
  const char** position_;
  const std::string& name_;
  std::vector<json*> open_;
  json* member_ = nullptr;
  std::size_t values_ = 0;
};

}  // namespace

json parse_json(std::string_view text, const std::string& name) {
  if (text.size() > max_bytes) fail_input("{}: larger than {} bytes", name, max_bytes);
  json root;
  const char* position = text.data();
  Builder builder(root, text, &position, name);
  json::sax_parse(CountingIterator(text.data(), &position), CountingIterator(text.data() + text.size(), &position),
                  &builder);
  return root;
}

json read_json(const std::filesystem::path& path) { return parse_json(read_file(path, max_bytes), path.string()); }

}  // namespace cimcycle
