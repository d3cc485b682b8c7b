// SPDX-License-Identifier: Apache-2.0
// Strict JSON: values, limits, and the text of every error.
#include <catch2/catch.hpp>

#include <functional>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/json_object.h"
#include "error_text.h"
#include "temporary_folder.h"

using namespace cimcycle;
using nlohmann::json;
using test::input_error;

namespace {

std::string parse_error(const std::string& text) {
  return input_error([&] { parse_json(text, "f.json"); });
}

/// The error of one question to an object.
template <class Question>
std::string ask(const std::string& text, Question&& question) {
  const json value = parse_json(text, "f.json");
  return input_error([&] {
    JsonObject object(value, "f.json", "layers[7].dec3");
    question(object);
    object.finish();
  });
}

const std::vector<std::string_view> adc_types = {"flash", "sar"};

}  // namespace

TEST_CASE("good JSON gives the same values as the library's own parser") {
  for (const std::string text :
       {"{}", "[]", "null", "true", "-12", "1.5e3", "\"a\\u00e4\\n\"", "[1,[2,[3]],{\"a\":[]}]",
        "{\"a\":{\"b\":[1,{\"c\":null}],\"d\":false},\"e\":18446744073709551615,\"f\":-9223372036854775808}"}) {
    CHECK(parse_json(text, "f.json") == json::parse(text));
  }
}

TEST_CASE("malformed JSON names line and column") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"",
       "f.json: line 1, column 0: syntax error while parsing value - unexpected end of input; expected '[', '{', or "
       "a literal"},
      {"{\n  \"a\": tru\n}",
       "f.json: line 2, column 11: syntax error while parsing value - invalid literal; last read: "
       "'\"a\": tru<U+000A>'"},
      {"{\"a\": 1,}",
       "f.json: line 1, column 9: syntax error while parsing object key - unexpected '}'; expected string "
       "literal"},
      {"[1] 2",
       "f.json: line 1, column 5: syntax error while parsing value - unexpected number literal; expected end "
       "of input"},
      {"// note\n1", "f.json: line 1, column 1: syntax error while parsing value - invalid literal; last read: '/'"},
      {"1e999", "f.json: line 1, column 5: number overflow parsing '1e999'"},
      {"{\"a\": 1,\n \"a\": 2}", "f.json: line 2, column 4: key \"a\" stands twice in one object"},
      {"{\"b\": {\"a\": [{\"x\": 0, \"y\": 1, \"x\": 2}]}}",
       "f.json: line 1, column 33: key \"x\" stands twice in one object"},
      {"\"\xff\"",
       "f.json: line 1, column 2: syntax error while parsing value - invalid string: ill-formed UTF-8 byte; "
       "last read: '\"\\xff'"},
  };
  for (const auto& [text, expected] : rows) CHECK(parse_error(text) == expected);
}

TEST_CASE("depth and number of values are limited") {
  CHECK(parse_error(std::string(64, '[') + std::string(64, ']')) == "no error");
  CHECK(parse_error(std::string(65, '[') + std::string(65, ']')) ==
        "f.json: line 1, column 65: more than 64 levels deep");
  CHECK(parse_error(std::string(1'000'000, '[')) == "f.json: line 1, column 65: more than 64 levels deep");
  std::string many = "[0";
  for (int i = 0; i < 4'000'000; ++i) many += ",0";
  CHECK(parse_error(many + "]") == "f.json: line 1, column 8000001: more than 4000000 values");
  CHECK(parse_error(std::string((64u << 20) + 1, ' ')) == "f.json: larger than 67108864 bytes");
}

TEST_CASE("a JSON file is read with its name in the message") {
  const test::ScratchFolder scratch;
  CHECK(read_json(scratch.write("a.json", "[1]")) == json::parse("[1]"));
  CHECK(input_error([&] {
          read_json(scratch.write("b.json", "[1"));
        }).starts_with((scratch.path() / "b.json").string() + ": line 1, column 2: "));
  CHECK(input_error([&] { read_json(scratch.path() / "c.json"); }) ==
        (scratch.path() / "c.json").string() + ": no such file");
}

TEST_CASE("answers that are as expected") {
  const json value = json::parse(R"({"i": -3, "d": 0.5, "b": true, "t": "x", "w": "sar", "a": [1, 2], "o": {"k": 1}})");
  JsonObject object(value, "f.json");
  CHECK(object.integer("i", -3, 3) == -3);
  CHECK(object.integer_or("i2", 9, 0, 1) == 9);
  CHECK(object.integer_or("i", 9, -3, -3) == -3);
  CHECK(object.number("d", 0.5, 0.5) == 0.5);
  CHECK(object.number("i", -10, 10) == -3);
  CHECK(object.number_or("d2", 2.5, 0, 1) == 2.5);
  CHECK(object.boolean_or("b", false));
  CHECK(object.boolean_or("b2", true));
  CHECK(object.text("t") == "x");
  CHECK(object.text_or("t2", "y") == "y");
  CHECK(object.word("w", adc_types) == 1);
  CHECK(object.word_or("w2", 0, adc_types) == 0);
  CHECK(object.array("a", 2).size() == 2);
  CHECK(object.integers("a", 1, 2, 2) == std::vector<std::int64_t>{1, 2});
  CHECK(object.object("o").integer("k", 1, 1) == 1);
  CHECK(object.optional_object("o").has_value());
  CHECK_FALSE(object.optional_object("o2").has_value());
  CHECK(object.any("none") == nullptr);
  CHECK(object.path_of("k") == "k");
  CHECK(object.object("o").path_of("k") == "o.k");
  object.finish();
}

TEST_CASE("the text of every wrong answer") {
  using Question = std::function<void(JsonObject&)>;
  const Question hb = [](JsonObject& o) { o.integer("hb", 1, 8); };
  const Question any_integer = [](JsonObject& o) {
    o.integer("hb", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
  };
  const Question step = [](JsonObject& o) { o.integer("hb", 1, std::numeric_limits<std::int64_t>::max()); };
  const Question ns = [](JsonObject& o) { o.number("ns", 0.01, 1e4); };
  const Question type = [](JsonObject& o) { o.word("type", adc_types); };
  const Question bits = [](JsonObject& o) { o.integers("bits", 0, 3, 2); };
  struct Row {
    std::string text;
    Question question;
    std::string expected;
  };
  const std::vector<Row> rows = {
      {R"({"hb": "four"})", hb, R"(hb: found "four", expected an integer 1 to 8)"},
      {R"({"hb": 9})", hb, "hb: found 9, expected an integer 1 to 8"},
      {R"({"hb": 0})", hb, "hb: found 0, expected an integer 1 to 8"},
      {R"({"hb": 4.0})", hb, "hb: found 4.0, expected an integer 1 to 8"},
      {R"({"hb": null})", hb, "hb: found null, expected an integer 1 to 8"},
      {R"({"hb": [4]})", hb, "hb: found an array, expected an integer 1 to 8"},
      {R"({"hb": {}})", hb, "hb: found an object, expected an integer 1 to 8"},
      {R"({"hb": 9223372036854775808})", any_integer, "hb: found 9223372036854775808, expected an integer"},
      {R"({"hb": 0})", step, "hb: found 0, expected an integer of at least 1"},
      {R"({})", hb, "hb: missing, expected an integer 1 to 8"},
      {R"({"hbb": 4})", hb, "hbb: unknown key; did you mean layers[7].dec3.hb?"},
      {R"({"hb": 4, "mode": 1})", hb, "mode: unknown key; known here: hb"},
      {R"({"ns": 1e5})", ns, "ns: found 100000.0, expected a number 0.01 to 10000"},
      {R"({"ns": "1"})", ns, R"(ns: found "1", expected a number 0.01 to 10000)"},
      {R"({"ns": true})", ns, "ns: found true, expected a number 0.01 to 10000"},
      {R"({})", ns, "ns: missing, expected a number 0.01 to 10000"},
      {R"({"type": "flsh"})", type, R"(type: found "flsh", expected one of: flash, sar; did you mean flash?)"},
      {R"({"type": "dual_slope"})", type, R"(type: found "dual_slope", expected one of: flash, sar)"},
      {R"({"type": 5})", type, "type: found 5, expected one of: flash, sar"},
      {R"({})", type, "type: missing, expected one of: flash, sar"},
      {R"({"t": 5})", [](JsonObject& o) { o.text("t"); }, "t: found 5, expected a text"},
      {R"({"b": "yes"})", [](JsonObject& o) { o.boolean_or("b", true); }, R"(b: found "yes", expected true or false)"},
      {R"({"o": []})", [](JsonObject& o) { o.object("o"); }, "o: found an array, expected an object"},
      {R"({"o": null})", [](JsonObject& o) { o.optional_object("o"); }, "o: found null, expected an object"},
      {R"({})", [](JsonObject& o) { o.object("o"); }, "o: missing, expected an object"},
      {R"({"bits": [1, 2, 3]})", bits, "bits: found an array of 3 elements, expected at most 2"},
      {R"({"bits": [1, 4]})", bits, "bits[1]: found 4, expected an integer 0 to 3"},
      {R"({"bits": 1})", bits, "bits: found 1, expected an array"},
      {R"({"a\nb": 1})", [](JsonObject& o) { o.has("hb"); }, "a\\nb: unknown key; known here: hb"},
  };
  for (const Row& row : rows) {
    CHECK(ask(row.text, row.question) == "f.json: layers[7].dec3." + row.expected);
  }
}

TEST_CASE("a root that is no object") {
  const json value = json::parse("[1]");
  CHECK(input_error([&] { JsonObject(value, "f.json"); }) == "f.json: found an array, expected an object");
}

TEST_CASE("random bytes give values or an input error, nothing else") {
  const std::string good = R"({"a": [1, -2.5e3, "t\u00e4\n", {"b": null, "c": [true, false]}], "d": {"e": 12345}})";
  std::mt19937_64 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::string text = good;
    const int changes = 1 + static_cast<int>(random() % 4);
    for (int change = 0; change < changes; ++change) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 5);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 8));
          break;
        default:
          text[at] = "{}[]\",:0-"[random() % 9];
          break;
      }
      if (text.empty()) text.push_back('x');
    }
    // Any other exception ends the test.
    const std::string error = input_error([&] {
      const json value = parse_json(text, "f.json");
      JsonObject object(value, "f.json");
      object.has("a");
      object.finish();
    });
    REQUIRE(error.find('\n') == std::string::npos);
  }
}
