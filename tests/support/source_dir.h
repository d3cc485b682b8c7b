// SPDX-License-Identifier: Apache-2.0
// Where the sources lie, for tests that read files of the product. In a file of its own, so that compiled tests do not
// depend on the folder (compiler caches).
#pragma once

#include <filesystem>

std::filesystem::path source_dir();
