// SPDX-License-Identifier: Apache-2.0
// Files and folders: whole or not at all, and the texts of what goes wrong.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "error_text.h"
#include "temporary_folder.h"

using namespace cimcycle;
using test::input_error;
using test::run_error;
namespace fs = std::filesystem;

namespace {

std::string names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : " ") + name;
  return all;
}

}  // namespace

TEST_CASE("a file is read as it is") {
  const test::ScratchFolder scratch;
  const std::string bytes("a\0b\r\n\xff", 6);
  const fs::path file = scratch.write("x.bin", bytes);
  CHECK(read_file(file) == bytes);
  CHECK(read_file(file, 6) == bytes);
  CHECK(read_file(scratch.write("empty", "")).empty());
  const std::string large(300'000, 'q');
  CHECK(read_file(scratch.write("large", large)) == large);
}

TEST_CASE("what cannot be read is an input error with its name") {
  const test::ScratchFolder scratch;
  const std::string at = scratch.path().string();
  CHECK(input_error([&] { read_file(scratch.path() / "none"); }) == at + "/none: no such file");
  CHECK(input_error([&] { read_file(scratch.path()); }) == at + ": not a regular file");
  CHECK(input_error([&] { read_file("/dev/zero"); }) == "/dev/zero: not a regular file");
  CHECK(input_error([&] { read_file(scratch.write("x", "1234567"), 6); }) == at + "/x: larger than 6 bytes");
  CHECK(input_error([&] { read_file(scratch.write("x", "1") / "y"); }).starts_with(at + "/x/y: "));
  CHECK(input_error([&] { read_file("a\nb"); }) == "a\\x0ab: no such file");
}

TEST_CASE("a file is replaced as a whole") {
  const test::ScratchFolder scratch;
  const fs::path file = scratch.path() / "out.json";
  write_file_atomically(file, "first");
  CHECK(scratch.read("out.json") == "first");
  write_file_atomically(file, "2");
  CHECK(scratch.read("out.json") == "2");
  CHECK(names_in(scratch.path()) == "out.json");
}

TEST_CASE("a symbolic link keeps pointing to its file") {
  const test::ScratchFolder scratch;
  scratch.write("target", "old");
  fs::create_symlink("target", scratch.path() / "link");
  write_file_atomically(scratch.path() / "link", "new");
  CHECK(fs::is_symlink(scratch.path() / "link"));
  CHECK(scratch.read("target") == "new");
}

TEST_CASE("a file that cannot be written") {
  const test::ScratchFolder scratch;
  const std::string at = scratch.path().string();
  CHECK(run_error([&] { write_file_atomically(scratch.path() / "no/x", "1"); }) ==
        at + "/no/x: cannot be written: No such file or directory");
  CHECK(input_error([&] { write_file_atomically(scratch.path(), "1"); }) ==
        at + ": exists and is not a regular file; name another one");
  CHECK(input_error([&] { write_file_atomically("/dev/null", "1"); }) ==
        "/dev/null: exists and is not a regular file; name another one");
  CHECK(names_in(scratch.path()).empty());
}

TEST_CASE("a new folder appears with all its files") {
  const test::ScratchFolder scratch;
  const fs::path folder = scratch.path() / "deep/er/result/";
  check_folder_writable(folder);
  CHECK(names_in(scratch.path()).empty());
  write_folder_atomically(folder, {{"a.json", "1"}, {"b.csv", "2"}});
  CHECK(names_in(folder) == "a.json b.csv");
  CHECK(names_in(scratch.path() / "deep/er") == "result");
  CHECK(scratch.read("deep/er/result/b.csv") == "2");
}

TEST_CASE("a folder that cannot be filled does not appear") {
  const test::ScratchFolder scratch;
  CHECK(run_error([&] {
          write_folder_atomically(scratch.path() / "result", {{"a", "1"}, {"no/b", "2"}});
        }) == scratch.path().string() + "/result/no/b: cannot be written: No such file or directory");
  CHECK(names_in(scratch.path()).empty());
}

TEST_CASE("an earlier result is replaced, and its other files go") {
  const test::ScratchFolder scratch;
  const fs::path folder = scratch.path() / "r";
  write_folder_atomically(folder, {{"report.json", "1"}, {"trace.json", "1"}, {"layers.csv", "1"}});
  check_folder_writable(folder, "report.json layers.csv trace.json");
  write_folder_atomically(folder, {{"report.json", "2"}, {"layers.csv", "2"}}, "report.html trace.json");
  CHECK(names_in(folder) == "layers.csv report.json");
  CHECK(scratch.read("r/report.json") == "2");
}

TEST_CASE("a folder with anything else in it is left alone") {
  const test::ScratchFolder scratch;
  const std::string at = scratch.path().string();
  scratch.write("r/report.json", "1");
  scratch.write("r/thesis.tex", "years of work");
  const std::string text =
      at + "/r: holds thesis.tex, which is no part of an earlier result; name another folder or empty this one";
  CHECK(input_error([&] { write_folder_atomically(scratch.path() / "r", {{"report.json", "2"}}); }) == text);
  CHECK(input_error([&] { check_folder_writable(scratch.path() / "r", "report.json"); }) == text);
  CHECK(names_in(scratch.path() / "r") == "report.json thesis.tex");
  CHECK(scratch.read("r/report.json") == "1");
  check_folder_writable(scratch.path() / "r");  // without a list of names only the right to write is asked for
}

TEST_CASE("a result may hold folders that are named as such") {
  const test::ScratchFolder scratch;
  fs::create_directories(scratch.path() / "r/networks");
  check_folder_writable(scratch.path() / "r", "results networks/");
  CHECK(input_error([&] { check_folder_writable(scratch.path() / "r", "results networks"); }) ==
        scratch.path().string() +
            "/r: holds networks/, which is no part of an earlier result; name another folder or empty this one");
}

TEST_CASE("a folder inside a result is not replaced") {
  const test::ScratchFolder scratch;
  fs::create_directories(scratch.path() / "r/report.json");
  CHECK(input_error([&] {
          write_folder_atomically(scratch.path() / "r", {{"report.json", "2"}});
        }) ==
        scratch.path().string() +
            "/r: holds report.json/, which is no part of an earlier result; name another folder or empty this one");
}

TEST_CASE("an empty folder can be filled") {
  const test::ScratchFolder scratch;
  fs::create_directory(scratch.path() / "r");
  write_folder_atomically(scratch.path() / "r", {{"a", "1"}});
  CHECK(names_in(scratch.path() / "r") == "a");
}

TEST_CASE("a file in the way of a folder") {
  const test::ScratchFolder scratch;
  const fs::path file = scratch.write("r", "1");
  const std::string text = file.string() + ": exists and is not a folder; name another one";
  CHECK(input_error([&] { write_folder_atomically(file, {{"a", "1"}}); }) == text);
  CHECK(input_error([&] { check_folder_writable(file); }) == text);
  CHECK(input_error([&] { check_folder_writable(""); }) == "the name of the folder to write is empty");
}

TEST_CASE("a place without room or rights is found before the run") {
  CHECK(run_error([] {
          check_folder_writable("/proc/cimcycle-result");
        }).starts_with("/proc/cimcycle-result: cannot be written: "));
}

TEST_CASE("what the program ships with is found below the source tree") {
  const test::ScratchFolder scratch;
  CHECK(find_shipped(scratch.path()) == scratch.path());
  CHECK(find_shipped("no-such-file.json") == "no-such-file.json");
  CHECK(find_shipped("/no/such/file") == "/no/such/file");
  CHECK(find_shipped("").empty());
  const fs::path found = find_shipped("sim/base/files.h");
  CHECK(fs::exists(found));
}

TEST_CASE("content hash is 64-bit FNV-1a") {
  // Test vectors of draft-eastlake-fnv.
  CHECK(content_hash("") == "cbf29ce484222325");
  CHECK(content_hash("a") == "af63dc4c8601ec8c");
  CHECK(content_hash("foobar") == "85944171f73967e8");
}
