// SPDX-License-Identifier: Apache-2.0
// compare.html: the sections as tables of a page that needs nothing else.
#include <fmt/format.h>

#include "compare/comparison_report.h"
#include "compare/comparison_sections.h"
#include "report/html_page.h"

namespace cimcycle {
namespace {

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{0}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1c2430; }}
table {{ border-collapse: collapse; margin: .5rem 0 2rem; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #dde2e8; }}
th {{ border-bottom: 2px solid #7a8796; }}
.text {{ text-align: left; }}
p {{ color: #56616e; }}
code {{ overflow-wrap: anywhere; }}
</style></head><body>
<h1>{0}</h1>
<p>cimcycle {1}: <code>{2}</code></p>
)";

std::string table(const ComparisonSection& section) {
  const auto row = [&](const std::vector<std::string>& cells, std::string_view tag) {
    std::string text = "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool is_text = i == 0 || (section.last_is_text && i + 1 == cells.size());
      text += fmt::format("<{0}{1}>{2}</{0}>", tag, is_text ? " class=\"text\"" : "", html_text(cells[i]));
    }
    return text + "</tr>\n";
  };
  std::string text =
      fmt::format("<h2>{}</h2>\n<p>{}</p>\n<table>\n", html_text(section.title), html_text(section.note));
  text += row(section.columns, "th");
  for (const std::vector<std::string>& cells : section.rows) text += row(cells, "td");
  return text + "</table>\n";
}

}  // namespace

std::string comparison_html(const Comparison& comparison, const ReportContext& context) {
  std::string text = fmt::format(fmt::runtime(head), html_text(comparison_title(comparison)),
                                 html_text(context.version), html_text(context.command));
  for (const ComparisonSection& section : comparison_sections(comparison)) text += table(section);
  return text + "</body></html>\n";
}

}  // namespace cimcycle
