// SPDX-License-Identifier: Apache-2.0
#include "report/result_folder.h"

#include "base/files.h"
#include "report/html_page.h"
#include "report/layers_csv.h"

namespace cimcycle {
namespace {

constexpr std::string_view result_files = "report.json report.html layers.csv";

}  // namespace

void check_result_folder(const std::filesystem::path& folder) { check_folder_writable(folder, result_files); }

void write_result_folder(const std::filesystem::path& folder, const RunResult& result, const ReportContext& context) {
  const nlohmann::ordered_json report = report_json(result, context);
  write_folder_atomically(
      folder,
      {{"report.json", json_text(report)}, {"report.html", run_page(report)}, {"layers.csv", layers_csv(result)}},
      result_files);
}

}  // namespace cimcycle
