#include <cstddef>
#include <cstdint>
#include <string>

#include "service/config/config.h"
#include "tests/fuzz/input.h"

// A configuration file of any bytes: it is taken or refused in one line, and what is taken comes back the same
// when it is printed and read again.

namespace {

using namespace parley::config;
using parley::fuzz::require;

tl::expected<Invocation, ConfigError> load_text(const std::string& text) {
  const Files files{
      .config = [&](const std::string&) -> tl::expected<std::string, std::string> { return text; },
      .token = [](const std::string&) -> tl::expected<std::string, std::string> { return "0123456789abcdef"; }};
  return load({"--config", "parley.toml"}, {}, files);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = load_text(std::string(reinterpret_cast<const char*>(data), size));
  if (!first) {
    require(first.error().message.find('\n') == std::string::npos);
    return 0;
  }
  const auto second = load_text(print_config(first->settings));
  require(second.has_value());
  const ReloadDiff diff = compare(*first, *second);
  require(diff.applied.empty() && diff.needs_restart.empty());
  return 0;
}
