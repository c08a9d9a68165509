#pragma once

#include <string>

#include "cli-client/files/finished_files.h"

namespace parley::client {

// Why a file was not received, for both sides' users: what went wrong, and what to do about it. "the receiving disk is
// full; make room and have it sent again to go on"
std::string unwritten_text(int error);
std::string unstored_text(const Unstored& failure);

}  // namespace parley::client
