// SPDX-License-Identifier: Apache-2.0
// Traces in all the forms that NeuroSim takes, and hostile ones.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <functional>

#include "compare/trace_arguments.h"
#include "compare/trace_reader.h"
#include "error_text.h"
#include "sample_trace.h"

using namespace cimcycle;
using test::input_error;
using test::ScratchFolder;

namespace {

/// One layer: 2 x 2 pixels, 1 channel, a 2 x 2 window, 2 filters, 2-bit weights, 2-bit inputs.
void write_tiny(const ScratchFolder& folder, const std::string& command) {
  folder.write("t/net.csv", "2,2,1,2,2,2,0,1\n");
  folder.write("t/w.csv", "-1.0,0.5\n-0.5,0\n 0.00000 , 0.49\n0.2,-0.26\n");
  folder.write("t/i.csv", "0,1\n1,0\n1,1\n0,0\n");
  folder.write("t/cmd.txt", command);
}

}  // namespace

TEST_CASE("a trace is read as NeuroSim reads it, from every form of its argument line") {
  for (const char* command :
       {"t/net.csv 2 2 t/w.csv t/i.csv\n", "./NeuroSIM/main ./t/net.csv 2 2 ./t/w.csv ./t/i.csv",
        "# run from above\n\n t/net.csv 2 2 64 16  t/w.csv t/i.csv\n", "elsewhere/net.csv 2 2 w.csv /no/where/i.csv"}) {
    CAPTURE(command);
    const ScratchFolder folder;
    write_tiny(folder, command);
    for (const int threads : {1, 2}) {
      const TraceRecord record = read_neurosim_trace(folder.path() / "t", threads);
      CHECK(record.signed_inputs);
      const NeurosimTrace& trace = record.trace;
      CHECK(trace.name == "t");
      CHECK(trace.weight_bits == 2);
      REQUIRE(trace.layers.size() == 1);
      // floor(2 (w + 1) + 1/2) - 2
      CHECK(trace.layers[0].weights == std::vector<std::int16_t>{-2, 1, -1, 0, 0, 1, 0, -1});
      const InputPlanes& input = trace.layers[0].input;
      CHECK(input.columns == 2);
      CHECK(input.words == std::vector<std::uint64_t>{0b0110, 0b0101});
    }
  }
}

TEST_CASE("the numbers of V1.4's argument line") {
  const TraceArguments arguments = parse_trace_arguments({"net.csv 8 7 128 16 w i", "c"});
  CHECK(arguments.crossbar_rows == 128);
  CHECK(arguments.parallel_rows == 16);
  CHECK_FALSE(parse_trace_arguments({"net.csv 8 7 w i", "c"}).parallel_rows);
}

TEST_CASE("what is wrong with a trace is said in one line with its place") {
  struct Row {
    std::function<void(const ScratchFolder&)> change;
    std::string expected;
  };
  const auto file = [](const char* name, const char* text) {
    return [=](const ScratchFolder& folder) { folder.write(name, text); };
  };
  const std::vector<Row> rows = {
      {file("t/w.csv", "-1.0,0.5\n-0.5,0\n0,0\n"), "t/w.csv: ends after 3 rows, expected 4 (1 channels x 2 x 2)"},
      {file("t/w.csv", "-1,0\n-1,0\n0,0\n0,0\n0,0\n"), "t/w.csv: row 5, column 1: more rows than 4"},
      {file("t/w.csv", "-1.0,0.5\n-0.5,1.0\n0,0\n0,0\n"),
       "t/w.csv: row 2, column 2: weight 1 has no code of 2 bits; expected -1 to 0.5"},
      {file("t/w.csv", "0,0\n"), "t/w.csv: 4 bytes are too few for 4 rows of 2 values"},
      {file("t/w.csv", ""), "t/w.csv: 0 bytes are too few for 4 rows of 2 values"},
      {file("t/i.csv", "0\n1\n1\n0\n"), "t/i.csv: row 1: found 1 values, expected a multiple of the 2 input bits"},
      {file("t/i.csv", "0,1\n1,7\n1,1\n0,0\n"), "t/i.csv: row 2, column 2: found \"7\", expected 0 or 1"},
      {file("t/i.csv", ""), "t/i.csv: ends after 0 rows"},
      {file("t/net.csv", "2,2,1,2,2,2,0\n"), "t/net.csv: row 1, column 7: the row ends after 7 values, expected 8"},
      {file("t/net.csv", "2,2,1,2,2,2,3,1\n"),
       "t/net.csv: row 1, column 7: found \"3\", expected a whole number 0 to 1"},
      {file("t/net.csv", "2,2,65536,2,2,65536,0,1\n"), "t/net.csv: row 1: 262144 x 65536 weights, expected at most"},
      {file("t/net.csv", ""), "t/net.csv: holds 0 layers, but the argument line names files of 1"},
      {file("t/net.csv", "2,2,1,2,2,2,0,1\n2,2,1,2,2,2,0,1\n"), "t/net.csv: row 2, column 1: more layers than the 1"},
      {file("t/net.csv", "2,2,65536,2,2,2,0,1\n"), "t/w.csv: 42 bytes are too few for 262144 rows of 2 values"},
      {file("t/net.csv", "9,9,1,2,2,2,0,1\n"), "t: layer 1: input of 2 columns; 64 vectors of 2 bits need 128"},
      {file("t/cmd.txt", "t/net.csv 2 2 t/w.csv"), "t/cmd.txt: names 1 files after the numbers"},
      {file("t/cmd.txt", "t/net.csv 2 t/w.csv t/i.csv"), "t/cmd.txt: expected NETWORK.csv, weight bits, input bits"},
      {file("t/cmd.txt", "t/net.csv 0 2 t/w.csv t/i.csv"), "t/cmd.txt: weight bits: found 0, expected 1 to 16"},
      {file("t/cmd.txt", "t/net.csv 2 2 8 9 t/w.csv t/i.csv"),
       "t/cmd.txt: rows read at once: found 9, expected 1 to 8"},
      {file("t/cmd.txt", ""), "t/cmd.txt: expected NETWORK.csv"},
      {file("t/cmd.txt", "a.csv 1 1 b c\na.csv 1 1 b c\n"), "t/cmd.txt: holds more than one argument line"},
      {file("t/cmd.txt", "t/net.csv 2 2 t/w.csv t/j.csv"), "j.csv"},
      {file("t/trace.json", R"({"format": "cimcycle-neurosim-trace-1", "input_encoding": "sign", "layers": ["a"]})"),
       "t/trace.json: input_encoding: found \"sign\""},
      {file("t/trace.json", R"({"format": "cimcycle-neurosim-trace-1", "input_encoding": "unsigned", "layers": []})"),
       "t/trace.json: layers: found 0 names, expected 1"},
      {[](const ScratchFolder& folder) { std::filesystem::remove(folder.path() / "t/cmd.txt"); },
       "t: holds no argument line, expected a file cmd.txt or trace_command.sh"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expected);
    const ScratchFolder folder;
    write_tiny(folder, "t/net.csv 2 2 t/w.csv t/i.csv\n");
    row.change(folder);
    const std::string error = input_error([&] { read_neurosim_trace(folder.path() / "t", 2); });
    CHECK_THAT(error, Catch::Contains(row.expected));
    CHECK(error.find('\n') == std::string::npos);
  }
  const ScratchFolder folder;
  const auto archive = folder.write("t.tar.gz", "this is no archive");
  CHECK_THAT(input_error([&] { read_neurosim_trace(archive, 1); }),
             Catch::Contains("t.tar.gz: no folder and no .tar.gz with a trace"));
  CHECK_THAT(input_error([&] { read_neurosim_trace(folder.path() / "none", 1); }),
             Catch::Contains("none: no such folder or archive"));
}

TEST_CASE("a real trace holds the integers that its maker lists", "[reference]") {
  const char* reference = std::getenv("CIMCYCLE_REFERENCE");
  if (reference == nullptr) {
    WARN("skipped: CIMCYCLE_REFERENCE names no folder with NeuroSim runs");
    return;
  }
  const TraceRecord record = read_neurosim_trace(std::filesystem::path(reference) / "traces/r20_w8a8.tar.gz", 2);
  REQUIRE(record.trace.layers.size() == 20);
  const NeurosimLayer& layer = record.trace.layers[0];
  CHECK(layer.input.columns == 1024 * 8);
  // -0.07031 x 128 = -9, -0.02344 x 128 = -3
  CHECK(layer.weights[0] == -9);
  CHECK(layer.weights[1] == -3);
}
