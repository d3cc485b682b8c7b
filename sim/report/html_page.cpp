// SPDX-License-Identifier: Apache-2.0
#include "report/html_page.h"

#include <fmt/format.h>

#include <initializer_list>
#include <string_view>
#include <utility>

// Bounds of the files that html/assets.S.in puts into the program.
extern "C" {
extern const char cimcycle_page_html[], cimcycle_page_html_end[];
extern const char cimcycle_style_css[], cimcycle_style_css_end[];
extern const char cimcycle_common_js[], cimcycle_common_js_end[];
extern const char cimcycle_run_js[], cimcycle_run_js_end[];
extern const char cimcycle_sweep_points_js[], cimcycle_sweep_points_js_end[];
extern const char cimcycle_sweep_plots_js[], cimcycle_sweep_plots_js_end[];
extern const char cimcycle_sweep_table_js[], cimcycle_sweep_table_js_end[];
extern const char cimcycle_sweep_js[], cimcycle_sweep_js_end[];
extern const char cimcycle_chart_js[], cimcycle_chart_js_end[];
}

namespace cimcycle {
namespace {

std::string_view between(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

/// JSON inside a script element: "</" would end it, "<!--" would start a comment.
std::string inside_script(const nlohmann::ordered_json& data) {
  const std::string text = data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

/// The template with its "@name@" places filled; what is put in is not looked at again.
std::string page(std::string_view title, const nlohmann::ordered_json& data, std::string_view script) {
  const std::string_view text = between(cimcycle_page_html, cimcycle_page_html_end);
  const std::string heading = html_text(title), content = inside_script(data);
  const std::pair<std::string_view, std::string_view> places[] = {
      {"@title@", heading},
      {"@style@", between(cimcycle_style_css, cimcycle_style_css_end)},
      {"@data@", content},
      {"@library@", between(cimcycle_chart_js, cimcycle_chart_js_end)},
      {"@script@", script}};
  std::string result;
  std::size_t at = 0;
  for (const auto& [place, value] : places) {
    const std::size_t found = text.find(place, at);
    result += text.substr(at, found - at);
    result += value;
    at = found + place.size();
  }
  result += text.substr(at);
  return result;
}

/// The scripts one after the other: they share their names.
std::string script_of(std::initializer_list<std::string_view> parts) {
  std::string script(between(cimcycle_common_js, cimcycle_common_js_end));
  for (const std::string_view part : parts) script += part;
  return script;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '&':
        safe += "&amp;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string run_page(const nlohmann::ordered_json& report) {
  const std::string title = fmt::format("{} on {}", report.at("network").at("name").get<std::string>(),
                                        report.at("hardware").at("name").get<std::string>());
  return page(title, report, script_of({between(cimcycle_run_js, cimcycle_run_js_end)}));
}

std::string sweep_page(const nlohmann::ordered_json& data) {
  return page(data.at("title").get<std::string>(), data,
              script_of({between(cimcycle_sweep_points_js, cimcycle_sweep_points_js_end),
                         between(cimcycle_sweep_plots_js, cimcycle_sweep_plots_js_end),
                         between(cimcycle_sweep_table_js, cimcycle_sweep_table_js_end),
                         between(cimcycle_sweep_js, cimcycle_sweep_js_end)}));
}

}  // namespace cimcycle
