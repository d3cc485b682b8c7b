// SPDX-License-Identifier: Apache-2.0
#include "onnx/tensor_data.h"

#include <onnx/onnx_pb.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

namespace cimcycle::onnx_model {
namespace {

using onnx::TensorProto;

struct Place {
  const TensorProto& proto;
  const TensorSource& source;

  [[noreturn]] void fail(const std::string& text) const {
    fail_input("{}: tensor \"{}\": {}", source.file, printable(proto.name()), text);
  }
};

static_assert(std::endian::native == std::endian::little, "raw data is little endian");

/// The bytes of a tensor whose data lie in a file beside the model.
std::string external_bytes(const Place& at) {
  if (at.source.folder.empty()) at.fail("its data lie in another file, which is not read here");
  std::string location;
  std::uint64_t offset = 0, length = 0;
  bool has_length = false;
  const auto number = [&](const std::string& key, const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      at.fail(fmt::format("external data: {} \"{}\" is no number", key, printable(text)));
    }
    return value;
  };
  for (const auto& entry : at.proto.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = number("offset", entry.value());
    if (entry.key() == "length") {
      length = number("length", entry.value());
      has_length = true;
    }
  }
  const std::filesystem::path relative(location);
  bool leaves = location.empty() || relative.is_absolute();
  for (const auto& part : relative) leaves |= part == "..";
  if (leaves)
    at.fail(fmt::format("external data: location \"{}\" must be a file below the model's folder", printable(location)));
  const std::filesystem::path path = at.source.folder / relative;
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || !std::filesystem::is_regular_file(path)) {
    at.fail(fmt::format("external data: no file {}", printable(path.string())));
  }
  if (offset > size || (has_length && length > size - offset)) {
    at.fail(fmt::format("external data: bytes {} to {} of {}, which has {}", offset, offset + length,
                        printable(path.string()), size));
  }
  if (!has_length) length = size - offset;
  if (length > static_cast<std::uint64_t>(most_elements) * 8) at.fail("external data: too long");
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(static_cast<std::size_t>(length), '\0');
  stream.seekg(static_cast<std::streamoff>(offset));
  if (!stream.read(bytes.data(), static_cast<std::streamsize>(length))) {
    at.fail(fmt::format("external data: {} cannot be read", printable(path.string())));
  }
  return bytes;
}

float half_to_float(std::uint16_t half) {
  const int exponent = half >> 10 & 31, fraction = half & 1023;
  const float sign = (half & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 31) return fraction == 0 ? sign * HUGE_VALF : std::nanf("");
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
}

template <class Stored, class To, class Convert>
void from_raw(const Place& at, const std::string& bytes, std::vector<To>& to, Convert convert) {
  if (bytes.size() != to.size() * sizeof(Stored)) {
    at.fail(fmt::format("{} bytes of data, expected {} x {}", bytes.size(), to.size(), sizeof(Stored)));
  }
  for (std::size_t i = 0; i < to.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    to[i] = convert(stored);
  }
}

template <class Field, class To, class Convert>
void from_field(const Place& at, const Field& field, std::vector<To>& to, Convert convert) {
  if (static_cast<std::size_t>(field.size()) != to.size()) {
    at.fail(fmt::format("{} values, expected {}", field.size(), to.size()));
  }
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = convert(field[static_cast<int>(i)]);
}

/// One element type: how it is stored raw, and which repeated field holds it otherwise.
template <class Stored, class To, class Field>
void take(const Place& at, const std::string& bytes, bool is_raw, const Field& field, std::vector<To>& to) {
  const auto convert = [](auto value) { return static_cast<To>(value); };
  if (is_raw) {
    from_raw<Stored>(at, bytes, to, convert);
  } else {
    from_field(at, field, to, convert);
  }
}

}  // namespace

Tensor read_tensor(const TensorProto& proto, const TensorSource& source) {
  const Place at{proto, source};
  Tensor tensor;
  std::int64_t size = 1;
  for (const std::int64_t side : proto.dims()) {
    if (side < 0 || side > most_elements || (side > 0 && size > most_elements / side)) {
      at.fail(fmt::format("a side of {}: tensors have at most {} elements", side, most_elements));
    }
    size *= side;
    tensor.shape.push_back(side);
  }
  const bool is_external = proto.has_data_location() && proto.data_location() == TensorProto::EXTERNAL;
  // Before any memory is taken: every element needs a byte somewhere, so that a small file cannot ask for much.
  const std::int64_t there =
      is_external ? most_elements
                  : std::max<std::int64_t>({static_cast<std::int64_t>(proto.raw_data().size()), proto.float_data_size(),
                                            proto.int32_data_size(), proto.int64_data_size(), proto.double_data_size(),
                                            proto.uint64_data_size()});
  if (size > there) at.fail(fmt::format("{} elements, but its data have room for {} at most", size, there));
  if (size > source.elements_left) {
    at.fail(fmt::format("the tensors of the model have more than {} elements together", most_elements));
  }
  source.elements_left -= size;
  const std::string bytes = is_external ? external_bytes(at) : proto.raw_data();
  const bool is_raw = is_external || proto.has_raw_data();
  if (is_external && bytes.size() < static_cast<std::size_t>(size)) at.fail("external data: too short");
  const auto count = static_cast<std::size_t>(size);
  const auto integers = [&]() -> std::vector<std::int64_t>& {
    tensor.is_integer = true;
    tensor.integers.resize(count);
    return tensor.integers;
  };
  const auto reals = [&]() -> std::vector<float>& {
    tensor.reals.resize(count);
    return tensor.reals;
  };
  switch (proto.data_type()) {
    case TensorProto::FLOAT:
      take<float>(at, bytes, is_raw, proto.float_data(), reals());
      break;
    case TensorProto::DOUBLE:
      take<double>(at, bytes, is_raw, proto.double_data(), reals());
      break;
    case TensorProto::FLOAT16:
      if (is_raw) {
        from_raw<std::uint16_t>(at, bytes, reals(), half_to_float);
      } else {
        from_field(at, proto.int32_data(), reals(),
                   [](std::int32_t half) { return half_to_float(static_cast<std::uint16_t>(half)); });
      }
      break;
    case TensorProto::INT8:
      take<std::int8_t>(at, bytes, is_raw, proto.int32_data(), integers());
      tensor.least = -128;
      tensor.most = 127;
      break;
    case TensorProto::UINT8:
      take<std::uint8_t>(at, bytes, is_raw, proto.int32_data(), integers());
      tensor.most = 255;
      break;
    case TensorProto::BOOL:
      take<std::uint8_t>(at, bytes, is_raw, proto.int32_data(), integers());
      break;
    case TensorProto::INT32:
      take<std::int32_t>(at, bytes, is_raw, proto.int32_data(), integers());
      break;
    case TensorProto::INT64:
      take<std::int64_t>(at, bytes, is_raw, proto.int64_data(), integers());
      break;
    default:
      at.fail(fmt::format("element type {} is not read; float, double, float16, int8, uint8, int32, int64, bool are",
                          proto.data_type()));
  }
  for (const std::int64_t value : tensor.integers) {
    if (tensor.most > 0 && (value < tensor.least || value > tensor.most)) {
      at.fail(fmt::format("value {} of an 8-bit integer", value));
    }
  }
  for (const float value : tensor.reals) {
    // Ends of a Clip may be as large as a float goes; infinities and NaN are of no use to a weight.
    if (!std::isfinite(value)) at.fail("a value is not finite");
  }
  return tensor;
}

}  // namespace cimcycle::onnx_model
