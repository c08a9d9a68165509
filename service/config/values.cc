#include "service/config/values.h"

#include <sys/un.h>

#include <algorithm>
#include <array>
#include <asio/ip/address.hpp>
#include <asio/ip/network_v4.hpp>
#include <asio/ip/network_v6.hpp>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/duration.h"
#include "base/net/listen.h"
#include "base/trim.h"

namespace parley::config {
namespace {

struct Unit {
  std::string_view word;
  std::uint64_t factor;
};
constexpr std::array<Unit, 3> kSizes{{{"M", 1024 * 1024}, {"K", 1024}, {"", 1}}};

tl::unexpected<Fault> fault(std::string why, std::string remedy) {
  return tl::make_unexpected(Fault{std::move(why), std::move(remedy)});
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool means_off(std::string_view text) { return text == "0" || text == "none"; }

// Takes the digits at the front. False when there are none, or more than 64 bits hold.
bool take_number(std::string_view& text, std::uint64_t& number) {
  if (text.empty() || !is_digit(text.front())) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

template <std::size_t N>
const Unit* find_unit(const std::array<Unit, N>& units, std::string_view word) {
  const auto found = std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.word == word; });
  return found == units.end() ? nullptr : &*found;
}

template <std::size_t N>
std::string in_largest_unit(const std::array<Unit, N>& units, std::uint64_t number) {
  for (const Unit& unit : units)
    if (number % unit.factor == 0) return std::to_string(number / unit.factor).append(unit.word);
  return std::to_string(number);
}

// A numeric one; without the zone that an IPv6 address may have, as in fe80::1%eth0.
std::optional<asio::ip::address> address_of(std::string_view text) {
  if (text.find('\0') != std::string_view::npos || text.find('%') != std::string_view::npos) return std::nullopt;
  asio::error_code error;
  const auto address = asio::ip::make_address(std::string(text), error);
  return error ? std::nullopt : std::optional(address);
}

std::string range(std::string_view least, std::string_view most) {
  return std::string("give ").append(least).append(" to ").append(most);
}

}  // namespace

Parsed<milliseconds> parse_duration(std::string_view text, Off off, milliseconds least) {
  if (means_off(text) && off == Off::allowed) return milliseconds{0};
  Parsed<milliseconds> duration = parley::parse_duration(text);
  if (!duration) {
    if (off == Off::allowed) duration.error().remedy += ", or none to switch it off";
    return duration;
  }
  // A bare zero of some unit, "0s", is off too where that is allowed.
  if (duration->count() == 0 && off == Off::allowed) return duration;
  if (*duration < least) return fault("it is too short", "give at least " + duration_text(least));
  return duration;
}

Parsed<std::size_t> parse_size(std::string_view text, std::size_t least, std::size_t most) {
  const std::string remedy = range(format_size(least), format_size(most)) + ", as in 65536, 64K or 1M";
  std::uint64_t number = 0;
  std::string_view rest = text;
  if (!take_number(rest, number)) return fault("it is not a size", remedy);
  const Unit* unit = find_unit(kSizes, rest);
  if (unit == nullptr) return fault("its unit is not K or M", remedy);
  if (number > most / unit->factor) return fault("it is too large", remedy);
  if (number * unit->factor < least) return fault("it is too small", remedy);
  return number * unit->factor;
}

std::string format_size(std::size_t bytes) { return bytes == 0 ? "0" : in_largest_unit(kSizes, bytes); }

Parsed<std::uint64_t> parse_count(std::string_view text, Off off, std::uint64_t least, std::uint64_t most) {
  const std::string remedy =
      range(std::to_string(least), std::to_string(most)) + (off == Off::allowed ? ", or none to switch it off" : "");
  if (means_off(text) && off == Off::allowed) return 0;
  std::uint64_t number = 0;
  std::string_view rest = text;
  if (!take_number(rest, number) || !rest.empty()) return fault("it is not a whole number in range", remedy);
  if (number < least) return fault("it is too small", remedy);
  if (number > most) return fault("it is too large", remedy);
  return number;
}

Parsed<std::uint64_t> parse_count_or_auto(std::string_view text, std::uint64_t most) {
  if (text == "auto" || text == "0") return 0;
  Parsed<std::uint64_t> count = parse_count(text, Off::refused, 1, most);
  if (!count) count.error().remedy += ", or auto";
  return count;
}

std::string format_count_or_auto(std::uint64_t count) { return count == 0 ? "auto" : std::to_string(count); }

Parsed<double> parse_rate(std::string_view text) {
  const std::string remedy = "give a number per second from 0.01 to 1000000, or none to switch it off";
  if (means_off(text)) return 0.0;
  double rate = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(rate))
    return fault("it is not a number", remedy);
  if (rate < 0.01) return fault("it is too small", remedy);
  if (rate > 1e6) return fault("it is too large", remedy);
  return rate;
}

std::string format_rate(double per_second) {
  std::array<char, 400> text{};  // the longest double in fixed notation takes 1 + 309 + 17 characters
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), per_second, std::chars_format::fixed);
  return {text.data(), end};
}

Parsed<bool> parse_switch(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  return fault("it is neither true nor false", "give true or false");
}

Parsed<std::size_t> parse_word(std::string_view text, std::initializer_list<std::string_view> words) {
  const auto* found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string remedy = "give ";
  for (const auto* word = words.begin(); word != words.end(); ++word) {
    if (word != words.begin()) remedy += word + 1 == words.end() ? " or " : ", ";
    remedy += *word;
  }
  return fault("there is no such choice", remedy);
}

Parsed<Endpoint> parse_endpoint(std::string_view text) {
  const std::string remedy = "give ADDR:PORT, as in 127.0.0.1:10000, [::1]:10000 or *:10000, or none";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fault("it has no port", remedy);
  std::string_view rest = text.substr(colon + 1);
  std::uint64_t port = 0;
  if (!take_number(rest, port) || !rest.empty() || port > 65535)
    return fault("the port is not a number from 0 to 65535", remedy);

  std::string address{text.substr(0, colon)};
  if (address == "localhost") address = "127.0.0.1";
  if (address.empty() || address == kEveryAddress)
    return Endpoint{std::string(kEveryAddress), static_cast<std::uint16_t>(port)};
  bool v6 = false;
  if (address.front() == '[' && address.back() == ']') {
    v6 = true;
    address = address.substr(1, address.size() - 2);
  } else if (address.find(':') != std::string::npos) {
    return fault("an IPv6 address must stand in brackets", remedy);
  }
  const auto numeric = address_of(address);
  if (!numeric || numeric->is_v6() != v6)
    return fault("the address is not a numeric one, and names are not looked up", remedy);
  return Endpoint{numeric->to_string(), static_cast<std::uint16_t>(port)};  // one spelling for each address
}

Parsed<Network> parse_network(std::string_view text) {
  const std::string remedy = "give ADDR/BITS, as in 10.0.0.0/8 or 2001:db8::/32, or an address, or none";
  const std::size_t slash = text.find('/');
  const auto address = address_of(text.substr(0, slash));
  if (!address) return fault("the address is not a numeric one, and names are not looked up", remedy);

  const unsigned all_bits = address->is_v4() ? 32 : 128;
  std::uint64_t bits = all_bits;
  if (slash != std::string_view::npos) {
    std::string_view rest = text.substr(slash + 1);
    if (!take_number(rest, bits) || !rest.empty() || bits > all_bits)
      return fault("the prefix is not a number from 0 to " + std::to_string(all_bits), remedy);
  }
  const auto length = static_cast<unsigned short>(bits);
  const asio::ip::address prefix = address->is_v4()
                                       ? asio::ip::address(asio::ip::network_v4(address->to_v4(), length).network())
                                       : asio::ip::address(asio::ip::network_v6(address->to_v6(), length).network());
  Network network{prefix.to_string(), static_cast<unsigned>(bits)};
  if (prefix != *address) return fault("the address has bits beyond the prefix", "give " + to_string(network));
  return network;
}

namespace {

// Each element may hold several, separated by commas; `none` alone is an empty list.
template <class Value>
Parsed<std::vector<Value>> parse_list(const std::vector<std::string>& texts, Parsed<Value> (*parse)(std::string_view),
                                      bool (*may_repeat)(const Value&), std::string_view form) {
  std::vector<Value> values;
  bool none = false;
  for (const std::string& text : texts) {
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      const std::string_view one = trim(std::string_view(text).substr(begin, end - begin));
      begin = end + 1;
      if (one == "none") {
        none = true;
        continue;
      }
      const Parsed<Value> value = parse(one);
      if (!value) return tl::make_unexpected(value.error());
      if (!may_repeat(*value) && std::find(values.begin(), values.end(), *value) != values.end())
        return fault(to_string(*value) + " is there twice", "give each once");
      values.push_back(*value);
    }
  }
  const std::string wanted(form);
  if (none && !values.empty()) return fault("none stands beside another", "give either none or " + wanted);
  if (!none && values.empty()) return fault("it is empty", "give " + wanted + " or none");
  return values;
}

}  // namespace

Parsed<std::vector<Endpoint>> parse_endpoints(const std::vector<std::string>& texts) {
  // Port 0 is a different port each time.
  return parse_list<Endpoint>(
      texts, parse_endpoint, [](const Endpoint& endpoint) { return endpoint.port == 0; }, "ADDR:PORT");
}

Parsed<std::vector<Endpoint>> parse_admin_endpoints(const std::vector<std::string>& texts) {
  const auto parse = [](std::string_view text) -> Parsed<Endpoint> {
    if (!text.starts_with(kUnixPrefix)) return parse_endpoint(text);
    const std::string_view path = text.substr(kUnixPrefix.size());
    // The kernel's bound (unix(7)), with the byte that ends it.
    if (!path.starts_with('/') || path.size() >= sizeof(sockaddr_un::sun_path))
      return fault("no absolute path of at most " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes",
                   "give one, as unix:/run/parleyd/admin.sock");
    return Endpoint{std::string(text), 0};
  };
  return parse_list<Endpoint>(
      texts, parse, [](const Endpoint& endpoint) { return endpoint.port == 0 && !unix_path(endpoint); },
      "ADDR:PORT or unix:PATH");
}

Parsed<std::vector<Network>> parse_networks(const std::vector<std::string>& texts) {
  return parse_list<Network>(texts, parse_network, [](const Network&) { return false; }, "ADDR/BITS");
}

}  // namespace parley::config
