// SPDX-License-Identifier: Apache-2.0
// A strict reader of .npy headers: what NumPy writes, and nothing that merely looks like it.
#include "data/npy.h"

#include <array>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

constexpr std::string_view magic("\x93NUMPY", 6);
constexpr std::size_t most_header_bytes = 65536;
constexpr std::size_t most_dimensions = 8;
constexpr std::int64_t most_size = std::numeric_limits<std::int32_t>::max();

// Reads the header's Python dictionary from left to right.
class HeaderText {
 public:
  HeaderText(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  bool take(std::string_view word) {
    skip_space();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  void expect(std::string_view word) {
    if (!take(word)) fail(fmt::format("expected '{}'", word));
  }

  std::string quoted() {
    expect("'");
    const std::size_t end = text_.find('\'', at_);
    if (end == std::string_view::npos) fail("the quote is not closed");
    const std::string_view content = text_.substr(at_, end - at_);
    at_ = end + 1;
    return std::string(content);
  }

  std::int64_t size() {
    skip_space();
    std::int64_t value = 0;
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      value = value * 10 + (text_[at_++] - '0');
      if (value > most_size) fail(fmt::format("a size exceeds {}", most_size));
    }
    if (at_ == start) fail("expected a size");
    return value;
  }

  void expect_end() {
    skip_space();
    if (at_ != text_.size()) fail("expected the end of the header");
  }

  [[noreturn]] void fail(const std::string& reason) const {
    std::string_view rest = text_.substr(at_, 24);
    while (rest.ends_with(' ') || rest.ends_with('\n')) rest.remove_suffix(1);  // the header's padding
    fail_input("{}: .npy header, character {}: {}; found \"{}\"", where_, at_, reason, printable(rest));
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
};

std::vector<std::int64_t> parse_shape(HeaderText& text) {
  std::vector<std::int64_t> shape;
  text.expect("(");
  while (!text.take(")")) {
    if (shape.size() == most_dimensions) text.fail(fmt::format("more than {} dimensions", most_dimensions));
    shape.push_back(text.size());
    if (!text.take(",")) {
      if (shape.size() == 1) text.fail("a tuple of one size ends in a comma");
      text.expect(")");
      break;
    }
  }
  return shape;
}

bool parse_boolean(HeaderText& text) {
  if (text.take("True")) return true;
  text.expect("False");
  return false;
}

}  // namespace

std::size_t npy_text_offset(std::span<const std::uint8_t> prefix) { return prefix[6] == 1 ? 10 : 12; }

std::size_t npy_data_offset(std::span<const std::uint8_t> prefix, const std::string& where) {
  const std::string_view found(reinterpret_cast<const char*>(prefix.data()), magic.size());
  if (found != magic) fail_input("{}: not a .npy array: starts with \"{}\"", where, printable(found));
  const int major = prefix[6];
  if ((major != 1 && major != 2) || prefix[7] != 0) {
    fail_input("{}: .npy version {}.{}; known: 1.0, 2.0", where, major, prefix[7]);
  }
  std::size_t length = prefix[8] + std::size_t{256} * prefix[9];
  if (major == 2) length += (std::size_t{1} << 16) * prefix[10] + (std::size_t{1} << 24) * prefix[11];
  if (length > most_header_bytes) {
    fail_input("{}: .npy header of {} bytes; allowed: up to {}", where, length, most_header_bytes);
  }
  return npy_text_offset(prefix) + length;
}

NpyHeader parse_npy_header(std::string_view header, const std::string& where) {
  NpyHeader result;
  std::array<bool, 3> seen{};
  const auto once = [&](std::size_t key, HeaderText& text) {
    if (seen[key]) text.fail("a key stands there twice");
    seen[key] = true;
  };
  HeaderText text(header, where);
  text.expect("{");
  while (!text.take("}")) {
    const std::string key = text.quoted();
    text.expect(":");
    if (key == "descr") {
      once(0, text);
      result.descr = text.quoted();
    } else if (key == "fortran_order") {
      once(1, text);
      result.fortran_order = parse_boolean(text);
    } else if (key == "shape") {
      once(2, text);
      result.shape = parse_shape(text);
    } else {
      text.fail(fmt::format("unknown key '{}'; known: descr, fortran_order, shape", printable(key)));
    }
    if (!text.take(",")) {
      text.expect("}");
      break;
    }
  }
  text.expect_end();
  if (!(seen[0] && seen[1] && seen[2])) {
    fail_input("{}: .npy header lacks {}", where, !seen[0] ? "descr" : !seen[1] ? "fortran_order" : "shape");
  }
  return result;
}

std::string npy_header(std::string_view descr, std::span<const std::int64_t> shape) {
  std::string sizes;
  for (const std::int64_t size : shape) sizes += fmt::format("{}{}", sizes.empty() ? "" : ", ", size);
  if (shape.size() == 1) sizes += ',';
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, sizes);
  while ((10 + text.size() + 1) % 64 != 0) text += ' ';
  text += '\n';
  std::string header(magic);
  header += '\x01';
  header += '\x00';
  header += static_cast<char>(text.size() & 0xff);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

NpyInteger npy_integer(const std::string& descr, const std::string& where) {
  const bool plain = descr.size() == 3 && std::string_view("|<>=").find(descr[0]) != std::string_view::npos;
  if (plain && (descr[1] == 'u' || descr[1] == 'i')) {
    const NpyInteger type{descr[2] - '0', descr[1] == 'i', descr[0] == '>'};
    // A bar means "no byte order", which only single bytes have.
    const bool ordered = type.bytes == 1 || descr[0] == '<' || descr[0] == '>';
    if (ordered && (type.bytes == 1 || type.bytes == 2 || type.bytes == 4 || type.bytes == 8)) return type;
  }
  fail_input("{}: dtype '{}'; expected an integer of 1, 2, 4 or 8 bytes, such as '|u1' or '<i8'", where,
             printable(descr));
}

std::int64_t npy_element(std::span<const std::uint8_t> data, const NpyInteger& type, std::size_t index) {
  const std::size_t bytes = static_cast<std::size_t>(type.bytes);
  const std::uint8_t* element = data.data() + index * bytes;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | element[type.big_endian ? i : bytes - 1 - i];
  const int unused = 64 - 8 * type.bytes;
  if (type.is_signed) return static_cast<std::int64_t>(value << unused) >> unused;
  return value >> 63 != 0 ? -1 : static_cast<std::int64_t>(value);
}

}  // namespace cimcycle
