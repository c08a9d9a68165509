#include "cli-client/base/shown_name.h"

#include <algorithm>
#include <array>
#include <cwchar>
#include <cwctype>

#include "cli-client/base/escape.h"

namespace parley::client {
namespace {

// Graphic by the locale, but drawn as nothing: blanks that do not break, Hangul's fillers and braille's blank.
constexpr std::wstring_view kBlanks = L"\u00a0\u2007\u202f\u115f\u1160\u2800\u3164\uffa0";

bool is_drawn(wchar_t c) {
  return ::iswgraph(static_cast<std::wint_t>(c)) != 0 && ::wcwidth(c) > 0 && kBlanks.find(c) == kBlanks.npos;
}

// What an eye tells names apart by: small letters, and nothing that is not drawn.
std::wstring skeleton(std::string_view text) {
  std::wstring seen;
  std::mbstate_t state{};
  while (!text.empty()) {
    wchar_t c = 0;
    const std::size_t bytes = std::mbrtowc(&c, text.data(), text.size(), &state);
    if (bytes == 0 || bytes > text.size()) break;  // not of what escape() gives
    if (is_drawn(c)) seen += static_cast<wchar_t>(::towlower(static_cast<std::wint_t>(c)));
    text.remove_prefix(bytes);
  }
  return seen;
}

}  // namespace

std::string shown_name(std::string_view name) {
  constexpr std::array<std::wstring_view, 3> kOurs{L"you", L"them", L"theotherside"};
  if (name.empty()) return {};
  std::string shown = escape(name);
  const std::wstring seen = skeleton(shown);
  const bool misleads = seen.empty() || seen.find(L':') != seen.npos || std::ranges::find(kOurs, seen) != kOurs.end();
  return misleads ? '"' + shown + '"' : shown;
}

}  // namespace parley::client
