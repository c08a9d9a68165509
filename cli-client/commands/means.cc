#include "cli-client/commands/means.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli-client/meeting/access_token.h"

namespace parley::client {

tl::expected<Means, Refusal> read_means(const RelayOptions& options, const Settings& settings, const Endpoint& relay) {
  auto trust = make_trust(options, settings, relay, std::nullopt);
  if (!trust) return tl::unexpected(trust.error());
  auto access = read_access(options.access_file, settings, relay, true);
  if (!access) return tl::unexpected(access.error());
  return Means{std::make_shared<const Trust>(std::move(*trust)), std::move(*access)};
}

bool can_be_read_again(const RelayOptions& options, const Settings& settings) {
  const std::pair<const std::string&, std::string_view> named[] = {{options.ca, "ca"},
                                                                   {options.access_file, "access-file"},
                                                                   {options.client_cert, "client-cert"},
                                                                   {options.client_key, "client-key"}};
  return std::ranges::none_of(named, [&](const auto& one) {
    std::error_code ignored;
    const auto type = std::filesystem::status(or_set(one.first, settings, one.second), ignored).type();
    return type == std::filesystem::file_type::fifo || type == std::filesystem::file_type::character;
  });
}

}  // namespace parley::client
