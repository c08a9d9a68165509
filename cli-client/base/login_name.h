#pragma once

#include <string>
#include <string_view>

namespace parley::client {

// The name that this process's user logs in by, as id(1) shows it. Empty when there is none, or when nobody can log in
// by it: it is a service's then, or a container's.
std::string login_name();

// In place of a name: to have none.
constexpr std::string_view kNoName = "none";

}  // namespace parley::client
