// SPDX-License-Identifier: Apache-2.0
// The results of a sweep on the disk: results.sqlite in its folder, one row per point, and the locks by which processes
// that work on one folder keep out of each other's way.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace cimcycle {

/// A row of the table points.
struct StoredPoint {
  std::string hash;
  std::string status;  ///< "done", "invalid", "stopped" (given up early) or "failed"
  nlohmann::json config;
  nlohmann::json metrics;     ///< null unless done
  nlohmann::json simulation;  ///< of this computer; never compared
  std::string error;          ///< empty if done
};

inline constexpr std::string_view store_file = "results.sqlite";

/// An open store. Rows are written in transactions of SQLite's write-ahead log: a process that is killed leaves the
/// rows that it had written, and several processes may write. May be used by one thread at a time.
class ResultStore {
 public:
  enum class Mode { create, read };
  /// Throws InputError if the file is no store of this program (or, to read, missing), RunError if it cannot be used.
  ResultStore(const std::filesystem::path& folder, Mode mode);
  ~ResultStore();
  ResultStore(ResultStore&&) noexcept;
  ResultStore& operator=(ResultStore&&) = delete;

  /// Done or invalid: not to be run again; with `keep_stopped` also one that was given up.
  bool is_settled(const std::string& hash, bool keep_stopped = false);
  /// Writes rows, all or none. Done and invalid ones stay as they are, others are replaced. Throws RunError.
  void put(std::span<const StoredPoint> rows);
  /// All rows, by hash.
  std::vector<StoredPoint> all();
  std::int64_t size();

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

/// A lock that ends with its process, however that ends. Works between processes of one machine and, where the file
/// system supports locks, between machines.
class WorkClaim {
 public:
  /// Nothing if another process holds it. `hash`: 16 hex digits.
  static std::optional<WorkClaim> take(const std::filesystem::path& folder, const std::string& hash);
  ~WorkClaim();
  WorkClaim(WorkClaim&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  WorkClaim& operator=(WorkClaim&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }

 private:
  explicit WorkClaim(int file) : file_(file) {}
  int file_;
};

}  // namespace cimcycle
