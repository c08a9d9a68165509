#include <cassert>

#include "service/config/options.h"

namespace parley::config {

ReloadDiff compare(const Invocation& running, const Invocation& loaded) {
  ReloadDiff diff;
  for (std::size_t i = 0; i < options().size(); ++i) {
    const Option& option = options()[i];
    bool changed = running.settings.at(i).values != loaded.settings.at(i).values;
    if (option.name == kTokenFile) changed = changed || running.config.admin.token != loaded.config.admin.token;
    // Without a certificate relay/1 is off, whatever its addresses.
    if (option.name == "relay-listen")
      changed = changed || running.config.service.relay_listen != loaded.config.service.relay_listen;
    if (changed) (option.reloadable ? diff.applied : diff.needs_restart).emplace_back(option.name);
  }
  return diff;
}

void adopt(Invocation& running, const Invocation& loaded) {
  for (std::size_t i = 0; i < options().size(); ++i) {
    if (!options()[i].reloadable) continue;
    running.settings.at(i) = loaded.settings.at(i);
    // Canonical spellings are always taken.
    [[maybe_unused]] const auto stored = options()[i].store(running.settings[i].values, running.config);
    assert(stored);
  }
  running.config.admin.token = loaded.config.admin.token;
  running.file = loaded.file;
}

}  // namespace parley::config
