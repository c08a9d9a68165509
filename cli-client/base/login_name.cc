#include "cli-client/base/login_name.h"

#include <pwd.h>
#include <unistd.h>

#include <string_view>

namespace parley::client {

std::string login_name() {
  const passwd* const user = ::getpwuid(::getuid());
  if (user == nullptr || user->pw_name == nullptr || user->pw_shell == nullptr) return {};
  const std::string_view shell = user->pw_shell;
  return shell.ends_with("/nologin") || shell.ends_with("/false") ? "" : user->pw_name;
}

}  // namespace parley::client
