// SPDX-License-Identifier: Apache-2.0
// Values in all forms, and what is said about those that are none.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <random>

#include "compare/csv_cursor.h"
#include "error_text.h"

using namespace cimcycle;
using test::input_error;

TEST_CASE("a number has the value that the standard library gives it") {
  const std::vector<std::string> forms = {"0",
                                          "-0.07031",
                                          "  0.50000",
                                          "1e-3",
                                          "1E2",
                                          "+2.5",
                                          "123456",
                                          ".5",
                                          "5.",
                                          "-.25",
                                          "0.1",
                                          "0.3",
                                          "1234567890123456789",
                                          "0.12345678901234567",
                                          "-1.7e308",
                                          "4.9e-324"};
  for (const std::string& form : forms) {
    CAPTURE(form);
    CsvCursor cursor(form, "t");
    CHECK(cursor.number() == std::strtod(form.c_str(), nullptr));
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::string form = std::to_string(static_cast<std::int64_t>(random() % 2000000) - 1000000) + "." +
                             std::to_string(random() % 10000000);
    CsvCursor cursor(form, "t");
    REQUIRE(cursor.number() == std::strtod(form.c_str(), nullptr));
  }
}

TEST_CASE("bits, rows and line ends") {
  const std::string text = "0,1, 1.0\r\n1,0,0.00000 \n\n  \n";
  CsvCursor cursor(text, "t");
  CHECK(cursor.values_in_row() == 3);
  std::string bits;
  for (int row = 0; row < 2; ++row) {
    REQUIRE_FALSE(cursor.at_end());
    for (int column = 1; column <= 3; ++column) {
      bits += cursor.bit() ? '1' : '0';
      cursor.step(column, 3);
    }
  }
  CHECK(bits == "011100");
  CHECK(cursor.at_end());
}

TEST_CASE("rows of plain bits are stepped over at once, others are left alone") {
  const std::string text = "0,1,1\n1,1,0\n0, 1,1\n0,1,2\n0,1\n0,1,1";
  CsvCursor cursor(text, "t");
  const char* const first = cursor.plain_bits(3);
  REQUIRE(first == text.data());
  CHECK(cursor.plain_bits(2) == nullptr);
  CHECK(cursor.plain_bits(4) == nullptr);
  CHECK(cursor.row() == 2);
  REQUIRE(cursor.plain_bits(3) == text.data() + 6);
  for (const char* rest : {"0, 1,1\n", "0,1,2\n", "0,1\n0,1", "0,1,1", "0,1,1\r\n", "0;1,1\n"}) {
    const std::string row = rest;
    CAPTURE(row);
    CHECK(CsvCursor(row, "t").plain_bits(3) == nullptr);
  }
}

TEST_CASE("an error names file, row and column") {
  const auto bits = [](const std::string& text, int columns) {
    return input_error([&] {
      CsvCursor cursor(text, "i0.csv");
      while (!cursor.at_end()) {
        for (int column = 1; column <= columns; ++column) {
          cursor.bit();
          cursor.step(column, columns);
        }
      }
    });
  };
  CHECK(bits("0,1\n1,2\n", 2) == "i0.csv: row 2, column 2: found \"2\", expected 0 or 1");
  CHECK(bits("0,x\n", 2) == "i0.csv: row 1, column 2: found \"x\", expected a number");
  CHECK(bits("0,\n", 2) == "i0.csv: row 1, column 2: found nothing, expected a number");
  CHECK(bits("0,1\n0\n", 2) == "i0.csv: row 2, column 1: the row ends after 1 values, expected 2");
  CHECK(bits("0,1,1\n", 2) == "i0.csv: row 1, column 2: the row has more than 2 values");
  CHECK(bits("0 1,1\n", 2) == "i0.csv: row 1, column 1: found \"1\", expected , or the end of the line");
  CHECK(bits(std::string("0,1\n\0", 5), 2) == "i0.csv: row 2, column 1: found \"\\x00\", expected a number");
  const auto number = [](const std::string& text) { return input_error([&] { CsvCursor(text, "w.csv").number(); }); };
  for (const char* bad : {"nan", "inf", "-", ".", "0x10", "1e999", "1.2.3", "--1", "+-1", "1f"}) {
    CAPTURE(bad);
    CHECK(number(bad) == "w.csv: row 1, column 1: found \"" + std::string(bad) + "\", expected a number");
  }
}
