// SPDX-License-Identifier: Apache-2.0
// A constructor that only assigns needs no compiler: one pass that parses and runs at once.
#include "compare/param_script.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "compare/param_tokens.h"

namespace cimcycle {
namespace {

using Value = std::optional<double>;
using Kind = ParamToken::Kind;

constexpr int max_depth = 200;

/// Binary operators from the loosest to the tightest.
constexpr std::array<std::array<std::string_view, 4>, 6> levels = {{
    {"||"},
    {"&&"},
    {"==", "!="},
    {"<", ">", "<=", ">="},
    {"+", "-"},
    {"*", "/", "%"},
}};
constexpr std::array<std::string_view, 9> types = {"double", "float", "int",    "bool",    "long",
                                                   "const",  "auto",  "size_t", "unsigned"};

template <class Words>
bool is_one_of(std::string_view word, const Words& words) {
  return !word.empty() && std::find(words.begin(), words.end(), word) != words.end();
}

double apply(std::string_view sign, double a, double b) {
  if (sign == "||") return a != 0 || b != 0;
  if (sign == "&&") return a != 0 && b != 0;
  if (sign == "==") return a == b;
  if (sign == "!=") return a != b;
  if (sign == "<") return a < b;
  if (sign == ">") return a > b;
  if (sign == "<=") return a <= b;
  if (sign == ">=") return a >= b;
  if (sign == "+") return a + b;
  if (sign == "-") return a - b;
  if (sign == "*") return a * b;
  if (sign == "/") return a / b;
  return std::fmod(a, b);
}

class Interpreter {
 public:
  Interpreter(std::vector<ParamToken> tokens, const std::string& name) : tokens_(std::move(tokens)), name_(name) {}

  ParamScript run() {
    script_.is_program = enter_constructor();
    if (script_.is_program) {
      statement(Flow::taken);
    } else {
      while (now().kind != Kind::end) statement(Flow::taken);
    }
    return std::move(script_);
  }

 private:
  /// Whether a statement is executed; doubtful if its condition has no known value.
  enum class Flow { taken, skipped, doubtful };

  /// Counts nesting, so that hostile text cannot exhaust the stack.
  class Nested {
   public:
    explicit Nested(Interpreter& owner) : owner_(owner) {
      if (++owner.depth_ > max_depth) owner.fail(fmt::format("more than {} levels of nesting", max_depth));
    }
    ~Nested() { --owner_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    Interpreter& owner_;
  };

  [[noreturn]] void fail(const std::string& reason) const { fail_input("{}: line {}: {}", name_, now().line, reason); }
  const ParamToken& now() const { return tokens_[at_]; }
  const ParamToken& next(std::size_t ahead = 1) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  void step() {
    if (at_ + 1 < tokens_.size()) ++at_;
  }
  bool is(std::string_view text) const { return now().kind != Kind::text && now().text == text; }
  bool accept(std::string_view text) {
    if (now().kind == Kind::end || !is(text)) return false;
    step();
    return true;
  }
  void expect(std::string_view text) {
    if (accept(text)) return;
    fail(now().kind == Kind::end ? fmt::format("the text ends, expected \"{}\"", text)
                                 : fmt::format("found \"{}\", expected \"{}\"", printable(now().text), text));
  }

  /// Goes to the "{" of Param::Param(...), or back to the front if there is none.
  bool enter_constructor() {
    for (std::size_t i = 0; i + 4 < tokens_.size(); ++i) {
      if (tokens_[i].text != "Param" || tokens_[i + 1].text != "::" || tokens_[i + 2].text != "Param") continue;
      for (at_ = i + 3; now().kind != Kind::end && !is("{"); step()) {
      }
      if (is("{")) return true;
    }
    at_ = 0;
    return false;
  }

  void statement(Flow flow) {
    const Nested nested(*this);
    if (accept("{")) {
      while (!is("}")) {
        if (now().kind == Kind::end) fail("the text ends inside a block");
        statement(flow);
      }
      return step();
    }
    if (accept("if")) return branch(flow);
    if (accept("switch")) return choice(flow);
    if (accept(";")) return;
    if (now().kind == Kind::name && is_one_of(now().text, types)) {
      while (now().kind == Kind::name && is_one_of(now().text, types)) step();
    }
    if (now().kind == Kind::name && next().kind == Kind::sign && next().text == "=") {
      assignment(flow);
      return expect(";");
    }
    if (!script_.is_program) {
      fail(fmt::format("found \"{}\", expected name = value;", printable(now().text)));
    }
    skip_statement();
  }

  /// `a = b = 3`.
  Value assignment(Flow flow) {
    const Nested nested(*this);
    const std::string name(now().text);
    const int line = now().line;
    step();
    step();
    const bool chained = now().kind == Kind::name && next().kind == Kind::sign && next().text == "=";
    const Value value = chained ? assignment(flow) : expression(0);
    if (flow != Flow::skipped) script_.names[name] = {flow == Flow::taken ? value : std::nullopt, line};
    return value;
  }

  static Flow within(Flow outer, const Value& condition, bool wanted) {
    if (outer == Flow::skipped) return outer;
    if (!condition) return Flow::doubtful;
    return (*condition != 0) == wanted ? outer : Flow::skipped;
  }

  void branch(Flow flow) {
    expect("(");
    const Value condition = expression(0);
    expect(")");
    statement(within(flow, condition, true));
    if (accept("else")) statement(within(flow, condition, false));
  }

  /// Cases fall through until a break, as in C++.
  void choice(Flow flow) {
    expect("(");
    const Value subject = expression(0);
    expect(")");
    expect("{");
    bool reached = false, left = false, ended = false, certain = subject.has_value();
    while (!accept("}")) {
      if (now().kind == Kind::end) fail("the text ends inside a switch");
      if (accept("case")) {
        if (ended) fail("a case after default is not supported; put default last");
        const Value label = expression(0);
        expect(":");
        certain = certain && label.has_value();
        reached = reached || (certain && *label == *subject);
      } else if (is("default") && next().text == ":") {
        step();
        step();
        reached = ended = true;
      } else if (accept("break")) {
        expect(";");
        left = left || reached;
      } else {
        const Flow inner = !certain ? Flow::doubtful : reached && !left ? flow : Flow::skipped;
        statement(flow == Flow::skipped ? flow : inner);
      }
    }
  }

  /// To the end of a statement that assigns nothing: "using namespace std;", "cout << ...;".
  void skip_statement() {
    int open = 0;
    while (now().kind != Kind::end) {
      if (open == 0 && is("}")) return;
      if (is("(") || is("{") || is("[")) ++open;
      if (is(")") || is("}") || is("]")) --open;
      const bool last = open == 0 && (is(";") || is("}"));
      step();
      if (last) return;
    }
  }

  Value expression(std::size_t level) {
    if (level == levels.size()) return operand();
    Value value = expression(level + 1);
    while (now().kind == Kind::sign && is_one_of(now().text, levels[level])) {
      const std::string_view sign = now().text;
      step();
      const Value right = expression(level + 1);
      value = value && right ? finite(apply(sign, *value, *right)) : std::nullopt;
    }
    return value;
  }

  static Value finite(double value) { return std::isfinite(value) ? Value(value) : std::nullopt; }

  Value operand() {
    const Nested nested(*this);
    if (accept("-")) {
      const Value value = operand();
      return value ? Value(-*value) : value;
    }
    if (accept("+")) return operand();
    if (accept("!")) {
      const Value value = operand();
      return value ? Value(*value == 0) : value;
    }
    if (is("(")) {
      step();
      if (now().kind == Kind::name && is_one_of(now().text, types)) {  // a cast
        while (now().kind == Kind::name) step();
        expect(")");
        return operand();
      }
      const Value value = expression(0);
      expect(")");
      return value;
    }
    if (now().kind == Kind::number) {
      const double value = now().value;
      step();
      return value;
    }
    if (now().kind == Kind::name) return named();
    fail(now().kind == Kind::end ? "the text ends, expected a value"
                                 : fmt::format("found \"{}\", expected a value", printable(now().text)));
  }

  /// A name; what is called, indexed or reached through another has no known value.
  Value named() {
    const std::string_view name = now().text;
    step();
    bool plain = true;
    for (;;) {
      if (accept("(") || accept("[")) {
        plain = false;
        for (int open = 1; open > 0; step()) {
          if (now().kind == Kind::end) fail("the text ends inside brackets");
          if (is("(") || is("[")) ++open;
          if (is(")") || is("]")) --open;
        }
      } else if (accept(".") || accept("->") || accept("::")) {
        plain = false;
        if (now().kind == Kind::name) step();
      } else {
        break;
      }
    }
    if (!plain) return std::nullopt;
    if (name == "true") return 1.0;
    if (name == "false") return 0.0;
    const auto found = script_.names.find(name);
    return found == script_.names.end() ? std::nullopt : found->second.value;
  }

  std::vector<ParamToken> tokens_;
  const std::string& name_;
  std::size_t at_ = 0;
  int depth_ = 0;
  ParamScript script_;
};

}  // namespace

ParamScript run_param_script(std::string_view text, const std::string& name) {
  return Interpreter(split_param_text(text, name), name).run();
}

}  // namespace cimcycle
