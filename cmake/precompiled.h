// Compiled once for each folder and read by all of its files: what nearly every one of them includes. A file
// still names what it uses: the preset "tidy" compiles each by itself and without this header.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
