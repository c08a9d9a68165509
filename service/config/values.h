#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/fault.h"
#include "service/settings/settings.h"

// Values as people write them, and back. Every parse_x() takes what format_x() gives.

namespace parley::config {

template <class T>
using Parsed = tl::expected<T, Fault>;

// Whether `0` and `none` are taken, and mean that the limit is off.
enum class Off { refused, allowed };

// As base/duration.h, and off.
Parsed<milliseconds> parse_duration(std::string_view text, Off off, milliseconds least = milliseconds{1});

// "65536", "64K", "1M": bytes, in units of 1024.
Parsed<std::size_t> parse_size(std::string_view text, std::size_t least, std::size_t most);
std::string format_size(std::size_t bytes);

Parsed<std::uint64_t> parse_count(std::string_view text, Off off, std::uint64_t least, std::uint64_t most);

// As parse_count(), with the word `auto` for 0.
Parsed<std::uint64_t> parse_count_or_auto(std::string_view text, std::uint64_t most);
std::string format_count_or_auto(std::uint64_t count);

// A decimal number of events per second, not below 0.01 unless it is off.
Parsed<double> parse_rate(std::string_view text);
std::string format_rate(double per_second);

Parsed<bool> parse_switch(std::string_view text);

// The index in `words` of the one given.
Parsed<std::size_t> parse_word(std::string_view text, std::initializer_list<std::string_view> words);

// "127.0.0.1:80", "[::1]:80", "localhost:80" (127.0.0.1), "*:80" and ":80" (0.0.0.0). No name is looked up.
Parsed<Endpoint> parse_endpoint(std::string_view text);

// Each element may hold several, separated by commas; `none` alone is an empty list; none may come twice.
Parsed<std::vector<Endpoint>> parse_endpoints(const std::vector<std::string>& texts);

// The same, or "unix:/run/parleyd/admin.sock".
Parsed<std::vector<Endpoint>> parse_admin_endpoints(const std::vector<std::string>& texts);

// "10.0.0.0/8", "2001:db8::/32"; an address alone is a network of one.
Parsed<Network> parse_network(std::string_view text);
// As parse_endpoints().
Parsed<std::vector<Network>> parse_networks(const std::vector<std::string>& texts);

}  // namespace parley::config
