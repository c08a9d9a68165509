#pragma once

#include <string>

namespace parley::client {

// The name that this process's user logs in by, as id(1) shows it. Empty when there is none, or when nobody can log in
// by it: it is a service's then, or a container's.
std::string login_name();

}  // namespace parley::client
