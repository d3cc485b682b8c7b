// SPDX-License-Identifier: Apache-2.0
// The safetensors reader trusts nothing: every length and offset is checked before it is used.
#include "network/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <tuple>
#include <type_traits>

#include "base/error.h"
#include "base/json_object.h"
#include "base/text.h"

namespace cimcycle {

static_assert(std::endian::native == std::endian::little, "tensors are copied as they lie in memory");

namespace {

constexpr std::size_t length_bytes = 8;
constexpr std::size_t max_dimensions = 8;
constexpr std::array<std::string_view, 5> type_words = {"I8", "U8", "I16", "I32", "I64"};
constexpr std::array<std::int64_t, 5> type_bytes = {1, 1, 2, 4, 8};
constexpr std::string_view metadata_key = "__metadata__";

std::string_view word(TensorType type) { return type_words[static_cast<std::size_t>(type)]; }
std::int64_t bytes_of(TensorType type) { return type_bytes[static_cast<std::size_t>(type)]; }

template <class T>
constexpr TensorType type_of() {
  if constexpr (std::is_same_v<T, std::int8_t>) return TensorType::i8;
  if constexpr (std::is_same_v<T, std::uint8_t>) return TensorType::u8;
  if constexpr (std::is_same_v<T, std::int16_t>) return TensorType::i16;
  if constexpr (std::is_same_v<T, std::int32_t>) return TensorType::i32;
  if constexpr (std::is_same_v<T, std::int64_t>) return TensorType::i64;
}

std::string shape_text(const std::vector<std::int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

}  // namespace

template <class T>
Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const T> values) {
  Tensor tensor{type_of<T>(), std::move(shape), std::string(values.size_bytes(), '\0')};
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), values.size_bytes());
  return tensor;
}

template Tensor make_tensor(std::vector<std::int64_t>, std::span<const std::int8_t>);
template Tensor make_tensor(std::vector<std::int64_t>, std::span<const std::uint8_t>);
template Tensor make_tensor(std::vector<std::int64_t>, std::span<const std::int16_t>);
template Tensor make_tensor(std::vector<std::int64_t>, std::span<const std::int32_t>);
template Tensor make_tensor(std::vector<std::int64_t>, std::span<const std::int64_t>);

std::string write_safetensors(const std::map<std::string, Tensor>& tensors) {
  std::vector<std::map<std::string, Tensor>::const_iterator> order;
  for (auto tensor = tensors.begin(); tensor != tensors.end(); ++tensor) order.push_back(tensor);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return bytes_of(a->second.type) > bytes_of(b->second.type); });

  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  std::string data;
  for (const auto& tensor : order) {
    const std::size_t begin = data.size();
    data += tensor->second.bytes;
    header[tensor->first] = {
        {"dtype", word(tensor->second.type)}, {"shape", tensor->second.shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  text.append((length_bytes - text.size() % length_bytes) % length_bytes, ' ');
  const std::uint64_t length = text.size();
  std::string file(length_bytes, '\0');
  std::memcpy(file.data(), &length, length_bytes);
  return file + text + data;
}

TensorFile::TensorFile(std::string bytes, std::string file) : bytes_(std::move(bytes)), file_(std::move(file)) {
  if (bytes_.size() < length_bytes) {
    fail_input("{}: {} bytes are no safetensors file, which starts with the 8-byte length of its header", file_,
               bytes_.size());
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes_.data(), length_bytes);
  if (length > bytes_.size() - length_bytes) {
    fail_input("{}: the header should be {} bytes long, but only {} follow its length", file_, length,
               bytes_.size() - length_bytes);
  }
  const std::size_t data_begin = length_bytes + static_cast<std::size_t>(length);
  const std::string header_name = file_ + ": header";
  const nlohmann::json header =
      parse_json(std::string_view(bytes_).substr(length_bytes, static_cast<std::size_t>(length)), header_name);
  if (!header.is_object()) fail_input("{}: found {}, expected an object", header_name, shown_value(header));
  for (const auto& [name, value] : header.items()) {
    if (name != metadata_key) read_entry(name, value, data_begin);
  }
  check_layout(data_begin);
}

void TensorFile::read_entry(const std::string& name, const nlohmann::json& value, std::size_t data_begin) {
  JsonObject object(value, file_, "tensor " + printable(name));
  Entry entry;
  entry.type = static_cast<TensorType>(object.word("dtype", type_words));
  entry.shape = object.integers("shape", 0, std::int64_t{1} << 40, max_dimensions);
  const auto size = static_cast<std::int64_t>(bytes_.size() - data_begin);
  const std::vector<std::int64_t> offsets = object.integers("data_offsets", 0, size, 2);
  object.finish();
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    object.fail("data_offsets",
                fmt::format("found {}, expected a begin and an end that is not smaller", shape_text(offsets)));
  }
  std::int64_t needed = bytes_of(entry.type);
  for (const std::int64_t side : entry.shape) {
    if (__builtin_mul_overflow(needed, side, &needed)) {
      object.fail("shape", fmt::format("{} has more values than 64 bits can count", shape_text(entry.shape)));
    }
  }
  if (needed != offsets[1] - offsets[0]) {
    object.fail("data_offsets",
                fmt::format("{} hold {} bytes, but shape {} of {} needs {}", shape_text(offsets),
                            offsets[1] - offsets[0], shape_text(entry.shape), word(entry.type), needed));
  }
  entry.begin = data_begin + static_cast<std::size_t>(offsets[0]);
  entry.end = data_begin + static_cast<std::size_t>(offsets[1]);
  tensors_.emplace(name, std::move(entry));
}

void TensorFile::check_layout(std::size_t data_begin) const {
  std::vector<std::map<std::string, Entry>::const_iterator> order;
  for (auto tensor = tensors_.begin(); tensor != tensors_.end(); ++tensor) order.push_back(tensor);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tie(a->second.begin, a->second.end) < std::tie(b->second.begin, b->second.end);
  });
  const auto check_gap = [&](std::size_t from, std::size_t to) {
    if (from < to) {
      fail_input("{}: data bytes {} to {} belong to no tensor", file_, from - data_begin, to - data_begin - 1);
    }
  };
  std::size_t filled = data_begin;
  std::string_view last;
  for (const auto& tensor : order) {
    if (tensor->second.begin < filled) {
      fail_input("{}: tensors {} and {} overlap", file_, printable(last), printable(tensor->first));
    }
    check_gap(filled, tensor->second.begin);
    filled = tensor->second.end;
    last = tensor->first;
  }
  check_gap(filled, bytes_.size());
}

const TensorFile::Entry& TensorFile::require(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) fail_input("{}: tensor {} is missing", file_, name);
  return found->second;
}

bool TensorFile::has(const std::string& name) {
  if (tensors_.contains(name)) return true;
  absent_.insert(name);
  return false;
}

std::vector<std::string> TensorFile::names() const {
  std::vector<std::string> names;
  for (const auto& [name, unused] : tensors_) names.push_back(name);
  return names;
}

const std::vector<std::int64_t>& TensorFile::shape(const std::string& name) const { return require(name).shape; }

template <class T>
std::vector<T> TensorFile::take(const std::string& name, const std::vector<std::int64_t>& shape) {
  const Entry& entry = require(name);
  taken_.insert(name);
  const bool narrow = std::is_same_v<T, std::int16_t> && entry.type == TensorType::i8;
  if (entry.type != type_of<T>() && !narrow) {
    fail_input("{}: tensor {}: dtype {}, expected {}{}", file_, name, word(entry.type),
               std::is_same_v<T, std::int16_t> ? "I8 or " : "", word(type_of<T>()));
  }
  if (entry.shape != shape) {
    fail_input("{}: tensor {}: shape {}, expected {}", file_, name, shape_text(entry.shape), shape_text(shape));
  }
  const char* from = bytes_.data() + entry.begin;
  const std::size_t size = entry.end - entry.begin;
  if (narrow) {
    std::vector<T> values(size);
    std::transform(from, from + size, values.begin(),
                   [](char byte) { return static_cast<T>(static_cast<std::int8_t>(byte)); });
    return values;
  }
  std::vector<T> values(size / sizeof(T));
  if (size > 0) std::memcpy(values.data(), from, size);
  return values;
}

template std::vector<std::uint8_t> TensorFile::take(const std::string&, const std::vector<std::int64_t>&);
template std::vector<std::int16_t> TensorFile::take(const std::string&, const std::vector<std::int64_t>&);
template std::vector<std::int32_t> TensorFile::take(const std::string&, const std::vector<std::int64_t>&);
template std::vector<std::int64_t> TensorFile::take(const std::string&, const std::vector<std::int64_t>&);

void TensorFile::finish() const {
  for (const auto& [name, unused] : tensors_) {
    if (taken_.contains(name)) continue;
    const std::vector<std::string_view> absent(absent_.begin(), absent_.end());
    fail_input("{}: tensor {}: no layer of the network asks for it{}", file_, printable(name),
               did_you_mean(name, absent));
  }
}

}  // namespace cimcycle
