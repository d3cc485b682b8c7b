// SPDX-License-Identifier: Apache-2.0
// Integer tensors in the safetensors format: 8 bytes little-endian length of the header, the header (JSON: name to
// dtype, shape, data_offsets), then the tensors' bytes one after the other, little-endian, row-major.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cimcycle {

enum class TensorType { i8, u8, i16, i32, i64 };

/// A named tensor to write: values of one of the five types as they lie in memory.
struct Tensor {
  TensorType type{};
  std::vector<std::int64_t> shape;
  std::string bytes;
};

/// T is int8_t, uint8_t, int16_t, int32_t or int64_t.
template <class T>
Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const T> values);

/// The same with one dimension.
template <class T>
Tensor vector_tensor(const std::vector<T>& values) {
  return make_tensor({static_cast<std::int64_t>(values.size())}, std::span<const T>(values));
}

/// The bytes of a file with these tensors: the widest types first, then by name, so that each tensor is aligned.
std::string write_safetensors(const std::map<std::string, Tensor>& tensors);

/// A file that was read, asked for its tensors by name; finish() rejects those that nobody asked for.
/// Every error is an InputError "FILE: ...".
class TensorFile {
 public:
  /// Checks the whole header: lengths, types, shapes, and that the tensors fill the data without gap or overlap.
  TensorFile(std::string bytes, std::string file);

  /// Its name, for messages.
  const std::string& file() const { return file_; }
  bool has(const std::string& name);
  /// The names of all tensors, in order.
  std::vector<std::string> names() const;
  /// Shape of a tensor that must be there.
  const std::vector<std::int64_t>& shape(const std::string& name) const;
  /// The values of a tensor that must be there with this shape, stored as T; int16_t may also be stored as I8.
  template <class T>
  std::vector<T> take(const std::string& name, const std::vector<std::int64_t>& shape);
  /// Call after the last question.
  void finish() const;

 private:
  struct Entry {
    TensorType type{};
    std::vector<std::int64_t> shape;
    std::size_t begin = 0;  ///< byte offsets into bytes_
    std::size_t end = 0;
  };
  const Entry& require(const std::string& name) const;
  void read_entry(const std::string& name, const nlohmann::json& value, std::size_t data_begin);
  void check_layout(std::size_t data_begin) const;

  std::string bytes_;
  std::string file_;
  std::map<std::string, Entry> tensors_;
  std::set<std::string> taken_;
  std::set<std::string> absent_;  ///< asked for and not there: what a misspelt name may have meant
};

}  // namespace cimcycle
