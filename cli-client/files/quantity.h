#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace parley::client {

// Sizes and times for people, short: "0 B", "999 B", "1.5 kB", "12 MB", "4.3 GB" (powers of 1000, rounded down);
// "0 s", "59 s", "2 min 5 s", "1 h 3 min", "2 d 4 h".
std::string size_text(std::uint64_t bytes);
std::string time_text(std::chrono::seconds time);
// "1 file", "1,000 files"
std::string count_text(std::uint64_t count, const std::string& one, const std::string& many);

}  // namespace parley::client
