#pragma once

#include <string_view>

namespace parley::classic {

// RFC 8017 A.1.1 in RFC 7468's armour: what a key on the wire begins and ends with.
constexpr std::string_view kPemBegin = "-----BEGIN RSA PUBLIC KEY-----";
constexpr std::string_view kPemEnd = "-----END RSA PUBLIC KEY-----";
// What may stand before BEGIN and between the lines.
constexpr std::string_view kPemSpace = " \t\r\n";

}  // namespace parley::classic
