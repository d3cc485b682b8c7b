// SPDX-License-Identifier: Apache-2.0
// The assignments that a constructor makes, against the values that a C++ compiler would leave.
#include <catch2/catch.hpp>

#include "compare/param_script.h"
#include "error_text.h"

using namespace cimcycle;
using test::input_error;

namespace {

std::optional<double> value_of(const std::string& text, const std::string& name) {
  const ParamScript script = run_param_script(text, "p");
  const auto found = script.names.find(name);
  return found == script.names.end() ? std::nullopt : found->second.value;
}

}  // namespace

TEST_CASE("arithmetic and comparisons of C++") {
  CHECK(value_of("a = 6e3*150;", "a") == 900000);
  CHECK(value_of("a = 1 + 2 * 3 - 8 / 4;", "a") == 5);
  CHECK(value_of("a = -(2 - 5) * +2;", "a") == 6);
  CHECK(value_of("b = 4; a = (double) 1 / b;", "a") == 0.25);
  CHECK(value_of("a = 10 % 4;", "a") == 2);
  CHECK(value_of("a = 1 < 2 && 3 >= 3 && !(1 == 2) || false;", "a") == 1);
  CHECK(value_of("a = b = 3;", "a") == 3);
  CHECK(value_of("a = true;", "a") == 1);
  CHECK(value_of("a = 1.5f;", "a") == 1.5);
  CHECK(value_of("a = .5e-1;", "a") == 0.05);
  CHECK_FALSE(value_of("a = 1 / 0;", "a"));
  CHECK_FALSE(value_of("a = pow(2, 3) + 1;", "a"));
  CHECK_FALSE(value_of("a = cell.width[3];", "a"));
  CHECK_FALSE(value_of("a = unknown;", "a"));
}

TEST_CASE("control flow") {
  const std::string choice =
      "t = T; switch (t) { case 22: a = 1; case 32: b = 2; break; case 45: a = 3; break; default: a = 4; }";
  const auto at = [&](const std::string& value, const std::string& name) {
    std::string text = choice;
    return value_of(text.replace(text.find('T'), 1, value), name);
  };
  CHECK(at("22", "a") == 1);
  CHECK(at("22", "b") == 2);
  CHECK(at("32", "b") == 2);
  CHECK_FALSE(at("32", "a"));
  CHECK(at("45", "a") == 3);
  CHECK(at("7", "a") == 4);
  CHECK(value_of("a = 1; if (a == 1) { a = 2; } else a = 3;", "a") == 2);
  CHECK(value_of("a = 0; if (a) a = 2; else if (!a) { a = 3; }", "a") == 3);
  CHECK(value_of("a = 0; if (a) { switch (a) { default: a = 5; } }", "a") == 0);
  // What depends on an unknown condition is unknown.
  CHECK_FALSE(value_of("a = 1; if (q) a = 2;", "a"));
}

TEST_CASE("a program: only the constructor counts, other statements are skipped") {
  const std::string program = R"(
#include <cstdio>
#define X 3
using namespace std;
int a = 7;
Param::Param() {
  /* a comment = 9; */
  a = 2;          // b = 3;
  const double c = a * 2;
  for (int i = 0; i < 3; i++) { printf("a = %d;\n", i); }
  cout << "x" << endl;
  d = 'x' == 'y' ? 1 : 2;
  e = 5;
}
void other() { a = 99; }
)";
  // The conditional is no arithmetic that is known here, so the line is named.
  CHECK_THAT(input_error([&] { run_param_script(program, "Param.cpp"); }),
             Catch::Contains("Param.cpp: line 12: found"));
  std::string plain = program;
  plain.erase(plain.find("  d = "), plain.find("  e = ") - plain.find("  d = "));
  const ParamScript script = run_param_script(plain, "Param.cpp");
  CHECK(script.is_program);
  CHECK(script.names.size() == 3);
  CHECK(script.names.at("a").value == 2);
  CHECK(script.names.at("a").line == 8);
  CHECK(script.names.at("c").value == 4);
  CHECK(script.names.at("e").value == 5);
}

TEST_CASE("errors name the line") {
  const auto error = [](const std::string& text) { return input_error([&] { run_param_script(text, "p"); }); };
  CHECK(error("a = 1;\nb = ;") == "p: line 2: found \";\", expected a value");
  CHECK(error("a = 1") == "p: line 1: the text ends, expected \";\"");
  CHECK(error("a 1;") == "p: line 1: found \"a\", expected name = value;");
  CHECK(error("a = 12abc;") == "p: line 1: found \"12a\", expected a decimal number");
  CHECK(error("a = 1e999;") == "p: line 1: found a number that is too large or too small");
  CHECK(error("/* never") == "p: line 1: the comment does not end");
  CHECK(error("a = \"never;") == "p: line 1: the text in quotes does not end");
  CHECK(error("a = @;") == "p: line 1: found \"@\", which begins nothing in C++");
  CHECK(error("if (a { }") == "p: line 1: found \"{\", expected \")\"");
  CHECK(error("{ a = 1;") == "p: line 1: the text ends inside a block");
  CHECK(error("switch (1) { case 1: a = 1;") == "p: line 1: the text ends inside a switch");
  CHECK(error("switch (1) { default: a = 1; case 1: a = 2; }") ==
        "p: line 1: a case after default is not supported; put default last");
  CHECK(error("a = f(1;") == "p: line 1: the text ends inside brackets");
  CHECK(error("a = " + std::string(100000, '(')) == "p: line 1: more than 200 levels of nesting");
  CHECK(error(std::string(100000, '{')) == "p: line 1: more than 200 levels of nesting");
  CHECK(error("a = " + std::string(100000, '-') + "1;") == "p: line 1: found \"--\", expected a value");
  CHECK(error("a = " + std::string(100000, '!') + "1;") == "p: line 1: more than 200 levels of nesting");
}
