// SPDX-License-Identifier: Apache-2.0
// The files of a NeuroSim trace: a folder, or a .tar.gz of one.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace cimcycle {

/// Text of a file and what it is called in messages.
struct TraceFile {
  std::string text;
  std::string shown;
};

/// Whether `place` is a file (which may be an archive) or a folder with an argument line.
bool looks_like_trace(const std::filesystem::path& place);

/// Opens a trace and hands out its files by the paths that the argument line gives. Reading is safe from any thread.
class TraceFiles {
 public:
  /// Throws InputError if `place` is neither a folder nor an archive, or if it holds no argument line (a file cmd.txt
  /// or trace_command.sh). An archive is unpacked in memory: at most 4 GiB and 16,384 files.
  explicit TraceFiles(const std::filesystem::path& place);

  /// The file with the argument line.
  const TraceFile& arguments() const { return arguments_; }
  /// The file that the argument line calls `path`: below the folder above the trace, as NeuroSim is started from there,
  /// or of that name in the trace itself. Throws InputError if there is none.
  TraceFile read(const std::string& path) const;
  /// The file of this name beside the argument line, if there is one.
  std::optional<TraceFile> beside(const std::string& name) const;
  /// "r20_w8a8" of folder r20_w8a8 or of r20_w8a8.tar.gz.
  const std::string& name() const { return name_; }

 private:
  void open_folder();
  void open_archive();

  std::filesystem::path place_;  ///< folder: the trace; archive: the archive
  bool is_archive_ = false;
  std::filesystem::path folder_;                ///< archive: the folder of the argument line inside it
  std::map<std::string, std::string> members_;  ///< archive: text of each file by its normal path
  TraceFile arguments_;
  std::string name_;
};

}  // namespace cimcycle
