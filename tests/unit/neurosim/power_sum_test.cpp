// SPDX-License-Identifier: Apache-2.0
// The hot loops against sums taken one column and bit plane at a time in double precision.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "neurosim/power_sum.h"
#include "small_trace.h"

using namespace cimcycle;
using namespace cimcycle::neurosim;

namespace {

double naive(const ConductanceTable& table, const InputPlanes& input, int first_row, double exponent, bool mean) {
  double total = 0;
  for (std::int64_t plane = 0; plane < input.columns; ++plane) {
    for (int col = 0; col < table.cols(); ++col) {
      double sum = 0;
      int ones = 0;
      for (int row = 0; row < table.rows(); ++row) {
        const int bit = first_row + row;
        if ((input.column(plane)[static_cast<std::size_t>(bit / 64)] >> (bit % 64) & 1) == 0) continue;
        sum += table.at(row, col);
        ++ones;
      }
      if (ones > 0) total += mean ? ones * std::pow(sum / ones, exponent) : std::pow(sum, exponent);
    }
  }
  return total;
}

ConductanceTable random_table(int rows, int cols, std::mt19937_64& random) {
  ConductanceTable table(rows, cols);
  const double levels[] = {1 / 9e5, 5.6e-5, 1.1e-4, 1 / 6e3};
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < cols; ++j) table.at(i, j) = static_cast<float>(levels[random() % 4]);
  }
  return table;
}

}  // namespace

TEST_CASE("sums of powers equal the long way") {
  std::mt19937_64 random(3);
  const NeurosimTrace trace = test::random_layer(6, 24, 3, 8, 5);  // 216 rows: four words a column
  const InputPlanes& input = trace.layers[0].input;
  for (const int first_row : {0, 1, 63, 64, 100}) {
    for (const int rows : {1, 15, 64, 100}) {
      for (const int cols : {1, 15, 16, 17, 33}) {
        const ConductanceTable table = random_table(rows, cols, random);
        const PlaneRows planes(input, first_row, rows, input.columns);
        for (const bool mean : {false, true}) {
          for (const double exponent : {0.9976, 1.0002, 1.0035}) {
            const double expected = naive(table, input, first_row, exponent, mean);
            CHECK(sum_by_planes(table, planes, exponent, mean) == Approx(expected).epsilon(1e-6));
          }
          const double expected = naive(table, input, first_row, 1.00018, mean);
          CHECK(sum_by_rows(table, planes, 1.00018, mean) == Approx(expected).epsilon(2e-5));
        }
      }
    }
  }
}
