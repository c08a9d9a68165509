#include "service/config/config_source.h"

#include <chrono>

#include "base/regular_file.h"
#include "base/toml.h"

namespace parley::config {
namespace {

// Time for somebody to give the password of an encrypted configuration.
constexpr std::chrono::minutes kPipeWithin{1};

}  // namespace

tl::expected<std::string, std::string> read_config_at_start(const std::string& path) {
  return read_regular_file(path, {.most_bytes = kMostTomlBytes, .pipe_within = kPipeWithin, .null_device = true})
      .map_error([](const ReadFault& fault) { return to_string(fault); });
}

tl::expected<std::string, std::string> read_config_again(const std::string& path) {
  return read_regular_file(path, {.most_bytes = kMostTomlBytes, .null_device = true}).map_error([](ReadFault fault) {
    if (!fault.error) fault.remedy = "restart, with a regular file if it is to be reloaded";
    return to_string(fault);
  });
}

}  // namespace parley::config
