// SPDX-License-Identifier: Apache-2.0
// The entry point that every Catch2 program of the suite shares.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
