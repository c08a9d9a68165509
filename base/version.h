#pragma once

#include <string_view>

namespace parley {

std::string_view version();  // "0.1.0"
// "1a2b3c4d5e6f", with "-dirty" behind it where files had been changed since; "unknown" when built outside a checkout.
std::string_view commit();
std::string_view openssl_version();  // of the library in use, not of the headers: "3.0.15"

}  // namespace parley
