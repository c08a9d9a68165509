#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "cli-client/meeting/refusal.h"
#include "cli-client/meeting/relay_options.h"
#include "cli-client/settings/settings.h"

namespace parley::client {

// What a relay that its user has named is gone to with.
struct Means {
  std::shared_ptr<const Trust> trust;
  std::optional<std::string> access;
};

tl::expected<Means, Refusal> read_means(const RelayOptions& options, const Settings& settings, const Endpoint& relay);

// Whether reading them again gives what there is by then: not when one of the files is a pipe, as a shell's <(...) is,
// which can be read once.
bool can_be_read_again(const RelayOptions& options, const Settings& settings);

}  // namespace parley::client
