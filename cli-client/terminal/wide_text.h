#pragma once

#include <string>
#include <string_view>

// Between UTF-8 and the wide characters that libedit and wcwidth(3) know, by the current locale, which is one of UTF-8.
namespace parley::client {

std::string utf8(std::wstring_view text);

// Bytes that are not UTF-8 come out as the replacement character.
std::wstring wide(std::string_view text);

}  // namespace parley::client
