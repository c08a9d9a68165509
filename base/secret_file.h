#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <optional>
#include <string>

#include "base/fault.h"

namespace parley {

// Who may get at a file with a secret in it, beside its owner. One rule for all of them (docs/configuration.md,
// "Files with secrets").
enum class SecretGroup {
  of_root,  // its group, when root owns it and this process is not root: how Kubernetes mounts Secrets with fsGroup
  any,      // its group, whoever owns it: what Kubernetes gives the files of a volume with fsGroup, at every mount
};

// Why a file is not to be used; nullopt when nobody else can get at it.
inline std::optional<Fault> open_to_others(const struct stat& file, const std::string& path,
                                           SecretGroup group = SecretGroup::of_root) {
  const bool roots = file.st_uid == 0 && ::geteuid() != 0;
  const bool group_may = roots || group == SecretGroup::any;
  const mode_t forbidden = group_may ? mode_t{S_IRWXO} : mode_t{S_IRWXG | S_IRWXO};
  if ((file.st_mode & forbidden) == 0) return std::nullopt;
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(file.st_mode & 07777));
  return Fault{std::string("mode ") + mode.data() + " lets others than its owner at it", "chmod 600 " + path};
}

}  // namespace parley
