// SPDX-License-Identifier: Apache-2.0
// Folders through the file system, archives through libarchive.
#include "compare/trace_files.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

namespace cimcycle {
namespace {

namespace fs = std::filesystem;

/// The argument line: as this project's traces call it, and as NeuroSim's Python wrapper writes it.
constexpr std::array<std::string_view, 2> argument_names = {"cmd.txt", "trace_command.sh"};
constexpr std::uintmax_t max_argument_bytes = 1 << 20;
constexpr std::uintmax_t max_file_bytes = std::uintmax_t{1} << 32;
constexpr std::size_t max_archive_bytes = std::size_t{1} << 32;
constexpr std::size_t max_members = 16384;
constexpr std::size_t block_bytes = 1 << 16;

std::string shown(const fs::path& path) { return printable(path.string()); }

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool is_argument_name(const fs::path& name) { return name == argument_names[0] || name == argument_names[1]; }

/// "r20_w8a8" of "r20_w8a8.tar.gz".
std::string stem_of(const fs::path& file) {
  std::string name = file.filename().string();
  for (const std::string_view ending : {".gz", ".tgz", ".tar"}) {
    if (name.size() > ending.size() && name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  return name;
}

using Archive = std::unique_ptr<archive, decltype(&archive_read_free)>;

/// Reads the bytes of the entry that the archive stands at; `room` is what may still be unpacked.
std::string read_entry(archive* reader, const std::string& file, std::size_t room) {
  std::string text;
  std::vector<char> block(block_bytes);
  for (;;) {
    const la_ssize_t count = archive_read_data(reader, block.data(), block.size());
    if (count == 0) return text;
    if (count < 0) fail_input("{}: cannot be unpacked: {}", file, printable(archive_error_string(reader)));
    if (static_cast<std::size_t>(count) > room - text.size()) {
      fail_input("{}: unpacks to more than {} bytes", file, max_archive_bytes);
    }
    text.append(block.data(), static_cast<std::size_t>(count));
  }
}

std::map<std::string, std::string> unpack(const fs::path& place) {
  const std::string file = shown(place);
  const Archive reader(archive_read_new(), &archive_read_free);
  if (!reader) throw std::bad_alloc();
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_tar(reader.get());
  const auto fail = [&] {
    const char* const reason = archive_error_string(reader.get());
    fail_input("{}: no folder and no .tar.gz with a trace: {}", file, printable(reason ? reason : "unknown format"));
  };
  if (archive_read_open_filename(reader.get(), place.c_str(), block_bytes) != ARCHIVE_OK) fail();
  std::map<std::string, std::string> members;
  std::size_t unpacked = 0;
  archive_entry* entry = nullptr;
  for (;;) {
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) return members;
    if (status < ARCHIVE_WARN) fail();  // a warning is about attributes that nobody looks at
    // Links and devices have no content of their own; a trace needs plain files only.
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const char* const name = archive_entry_pathname(entry);
    if (name == nullptr) fail_input("{}: holds a file whose name cannot be read", file);
    std::string text = read_entry(reader.get(), file, max_archive_bytes - unpacked);
    unpacked += text.size();
    const std::string path = fs::path(name).lexically_normal().string();
    if (!members.emplace(path, std::move(text)).second) fail_input("{}: holds {} twice", file, printable(path));
    if (members.size() > max_members) fail_input("{}: holds more than {} files", file, max_members);
  }
}

}  // namespace

bool looks_like_trace(const fs::path& place) {
  return is_file(place) ||
         std::ranges::any_of(argument_names, [&](std::string_view name) { return is_file(place / name); });
}

TraceFiles::TraceFiles(const fs::path& place) : place_(place) {
  // "trace/" and "." have no name of their own before this.
  std::error_code error;
  if (const fs::path whole = fs::canonical(place, error); !error) place_ = whole;
  is_archive_ = is_file(place_);
  if (is_archive_) {
    open_archive();
  } else if (fs::is_directory(place_, error)) {
    open_folder();
  } else {
    fail_input("{}: no such folder or archive", shown(place));
  }
}

void TraceFiles::open_folder() {
  name_ = place_.filename().string();
  for (const std::string_view name : argument_names) {
    const fs::path file = place_ / name;
    if (!is_file(file)) continue;
    arguments_ = {read_file(file, max_argument_bytes), shown(file)};
    return;
  }
  fail_input("{}: holds no argument line, expected a file {}", shown(place_), join(argument_names, " or "));
}

void TraceFiles::open_archive() {
  name_ = stem_of(place_);
  members_ = unpack(place_);
  for (const auto& [path, text] : members_) {
    if (!is_argument_name(fs::path(path).filename())) continue;
    if (!arguments_.shown.empty()) {
      fail_input("{}: holds more than one argument line: {} and {}", shown(place_), printable(arguments_.shown),
                 printable(path));
    }
    if (text.size() > max_argument_bytes) {
      fail_input("{}: {} has more than {} bytes", shown(place_), printable(path), max_argument_bytes);
    }
    folder_ = fs::path(path).parent_path();
    arguments_ = {text, shown(place_ / path)};
  }
  if (arguments_.shown.empty()) {
    fail_input("{}: holds no argument line, expected a file {}", shown(place_), join(argument_names, " or "));
  }
}

std::optional<TraceFile> TraceFiles::beside(const std::string& name) const {
  if (!is_archive_) {
    if (!is_file(place_ / name)) return std::nullopt;
    return TraceFile{read_file(place_ / name, max_argument_bytes), shown(place_ / name)};
  }
  const auto found = members_.find((folder_ / name).lexically_normal().string());
  if (found == members_.end()) return std::nullopt;
  return TraceFile{found->second, shown(place_ / found->first)};
}

TraceFile TraceFiles::read(const std::string& path) const {
  const fs::path name = fs::path(path).filename();
  if (!is_archive_) {
    const fs::path above = place_.parent_path() / path;
    const fs::path inside = place_ / name;
    const fs::path file = is_file(above) || !is_file(inside) ? above : inside;
    return {read_file(file, max_file_bytes), shown(file.lexically_normal())};
  }
  for (const fs::path& candidate : {folder_.parent_path() / path, folder_ / name}) {
    const auto found = members_.find(candidate.lexically_normal().string());
    if (found != members_.end()) return {found->second, shown(place_ / found->first)};
  }
  fail_input("{}: {} names {}, which is not there", shown(place_), arguments_.shown, printable(path));
}

}  // namespace cimcycle
