// SPDX-License-Identifier: Apache-2.0
// One line that tells how far a run is: bar, rate, time left.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "report/text_table.h"

namespace cimcycle {

/// "replay    [##########      ] 120/200 images  34.5 images/s  2 s left". `seconds` is the time since `what` began.
/// Rate and time left are missing before the first image is done. At most 80 columns. Other things than images: `unit`.
std::string progress_line(std::string_view what, std::int64_t done, std::int64_t all, double seconds,
                          const TextStyle& style, std::string_view unit = "images");

/// "2 s", "3:05 min", "1:02 h".
std::string duration(double seconds);

}  // namespace cimcycle
