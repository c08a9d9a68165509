#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace parley::client {

struct Page {
  std::string type;
  std::string body;
};
// The page of this path; nullopt: there is none.
using FindPage = std::function<std::optional<Page>(std::string_view path)>;

constexpr std::size_t kMostHeadBytes = std::size_t{8} * 1024;

// The answer to the first request in `received`, head and body; after it the connection is to be closed. nullopt: the
// request's head is not all there yet. A head that is too large, or none, is answered too. Bodies are not looked at.
std::optional<std::string> answer_to(std::string_view received, const FindPage& find);

}  // namespace parley::client
