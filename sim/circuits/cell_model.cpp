// SPDX-License-Identifier: Apache-2.0
// Reads cell files and derives conductances.
#include "circuits/cell_model.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/json_object.h"
#include "circuits/tech_files.h"

namespace cimcycle {

double CellModel::conductance_step(int bits) const {
  const double on = 1 / (on_resistance_ohm + access_resistance_ohm());
  const double off = 1 / (off_resistance_ohm + access_resistance_ohm());
  return (on - off) / ((1 << bits) - 1);
}

double CellModel::level_conductance(int level, int bits) const {
  return 1 / (off_resistance_ohm + access_resistance_ohm()) + level * conductance_step(bits);
}

double CellModel::mean_resistance_ohm() const {
  return (on_resistance_ohm + off_resistance_ohm) / 2 + access_resistance_ohm();
}

CellModel load_cell_model(std::string_view name, std::string_view asked_by) {
  const auto path = find_tech_file("tech/cells", name, asked_by);
  const nlohmann::json json = read_json(path);
  JsonObject root(json, path.string());
  CellModel cell;
  cell.file = path.filename().string();
  cell.hash = content_hash(json.dump());
  cell.name = root.text("name");
  cell.description = root.text("description");

  JsonObject sources = root.object("sources");
  const auto number = [&](std::string_view key, double min, double max) {
    cell.sources[std::string(key)] = sources.text(key);
    return root.number(key, min, max);
  };
  // Ranges: a thousand times either way around published cells; they keep every derived figure finite.
  cell.on_resistance_ohm = number("on_resistance_ohm", 1, 1e9);
  cell.off_resistance_ohm = number("off_resistance_ohm", 1, 1e12);
  cell.access_resistance_ratio = number("access_resistance_ratio", 1e-3, 1e3);
  cell.height_features = number("height_features", 1, 1000);
  cell.width_features = number("width_features", 1, 1000);
  cell.read_v = number("read_v", 1e-3, 10);
  cell.access_v = number("access_v", 1e-3, 20);
  cell.write_v = number("write_v", 1e-3, 20);
  if (root.has("wordline_driver_f") || root.has("wordline_cell_f")) {
    const double driver_f = number("wordline_driver_f", 0, 1e-9);
    cell.wordline_load = {driver_f, number("wordline_cell_f", 1e-18, 1e-9)};
  }
  sources.finish();
  root.finish();
  if (cell.off_resistance_ohm <= cell.on_resistance_ohm) {
    root.fail("off_resistance_ohm",
              fmt::format("{} is not above on_resistance_ohm = {}", cell.off_resistance_ohm, cell.on_resistance_ohm));
  }
  return cell;
}

}  // namespace cimcycle
