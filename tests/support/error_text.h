// SPDX-License-Identifier: Apache-2.0
// The message of the InputError or RunError that a call throws; "no error" if it throws none.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace cimcycle::test {

template <class Call>
std::string input_error(Call&& call) {
  try {
    std::forward<Call>(call)();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

template <class Call>
std::string run_error(Call&& call) {
  try {
    std::forward<Call>(call)();
  } catch (const RunError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace cimcycle::test
