#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "protocol/relay/access.h"
#include "protocol/relay/resume_token.h"
#include "service/net/tls_context.h"
#include "service/settings/settings.h"

namespace parley {

// What relay/1 proves itself with, and checks its clients by. Immutable: a reload makes another, and connections keep
// what they began with. Usable from several threads at once.
struct Credentials {
  TlsContext tls;
  std::shared_ptr<const relay::TokenKeys> token_keys;
  std::optional<relay::AccessList> access;  // none: open to everybody
};

// Reads the files that `settings` name, or makes what --self-signed asks for, a token key too. Where there is no file
// for that, or it cannot be made, the keys are those of `running`, or drawn when there is none. The error is one line
// that says which file, why, and how to mend it.
tl::expected<std::shared_ptr<const Credentials>, std::string> load_credentials(const RelaySettings& settings,
                                                                               const Credentials* running);

// The files that load_credentials() reads.
std::vector<std::string> files_of(const RelaySettings& settings);

// What is wrong with the files that `settings` name, as load_credentials() would say it. Makes nothing: what
// --self-signed is yet to make is right.
std::optional<std::string> check_credentials(const RelaySettings& settings);

}  // namespace parley
