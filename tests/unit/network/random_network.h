// SPDX-License-Identifier: Apache-2.0
// Random networks that keep every rule.
#pragma once

#include <random>

#include "network/network.h"

namespace cimcycle::test {

Network random_network(std::mt19937_64& random);

}  // namespace cimcycle::test
