#include "protocol/chat/purpose.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace parley::chat {

std::string_view feature_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::chat:
      return "chat";
    case Purpose::pipe:
      return "pipe";
    case Purpose::send:
      return "send";
    case Purpose::receive:
      return "receive";
  }
  std::abort();
}

std::optional<Purpose> purpose_in(std::span<const std::string> features) {
  std::optional<Purpose> found;
  for (const Purpose purpose : {Purpose::chat, Purpose::pipe, Purpose::send, Purpose::receive}) {
    if (std::ranges::find(features, feature_of(purpose)) == features.end()) continue;
    if (found) return std::nullopt;
    found = purpose;
  }
  return found;
}

std::optional<Purpose> purpose_shown_by(Type type) {
  switch (type) {
    case Type::text:
      return Purpose::chat;
    case Type::stream:
      return Purpose::pipe;
    case Type::offer:
    case Type::chunk:
    case Type::done:
      return Purpose::send;
    case Type::answer:
      return Purpose::receive;
    default:
      return std::nullopt;
  }
}

bool fit(Purpose one, Purpose other) {
  constexpr std::array<std::pair<Purpose, Purpose>, 4> kPairs{{{Purpose::chat, Purpose::chat},
                                                               {Purpose::pipe, Purpose::pipe},
                                                               {Purpose::send, Purpose::receive},
                                                               {Purpose::send, Purpose::chat}}};
  return std::ranges::any_of(
      kPairs, [&](const auto& pair) { return pair == std::pair(one, other) || pair == std::pair(other, one); });
}

}  // namespace parley::chat
