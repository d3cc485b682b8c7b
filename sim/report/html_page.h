// SPDX-License-Identifier: Apache-2.0
// report.html: one file that shows a run or a sweep in a browser, without a network. Charts are drawn by Chart.js,
// which is put in from the installed package when the program is built.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace cimcycle {

/// A text as it stands between the tags of a page.
std::string html_text(std::string_view text);

/// The page of a run, from its report.json.
std::string run_page(const nlohmann::ordered_json& report);

/// The page of a sweep. `data`: {"title", "version", "parameters": [{"name", "levels", "index"}], "metrics": [{"name",
/// "better", "values"}], "hash", "status", "error"}, one entry per point in each innermost list.
std::string sweep_page(const nlohmann::ordered_json& data);

}  // namespace cimcycle
