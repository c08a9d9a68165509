#pragma once

#include <string>
#include <system_error>

namespace parley::client {

// Where files of this user are, by the XDG Base Directory Specification, without a slash at the end; empty when there
// is no home.

// Of what is decided once: $XDG_CONFIG_HOME/parley, or below ~/.config.
std::string config_folder();
// Of what may be lost: $XDG_STATE_HOME/parley, or below ~/.local/state.
std::string state_folder();

// Makes such a folder, private as the specification wants it; those above are as the umask has them.
std::error_code make_own_folder(const std::string& folder);

}  // namespace parley::client
