#include "service/net/key_update_reader.h"

#include "base/big_endian.h"

namespace parley {

namespace {

constexpr std::byte kKeyUpdate{24};
constexpr std::size_t kBeforeBody = 1 + 3;

}  // namespace

tl::expected<std::optional<KeyUpdateReader::Update>, Alert> KeyUpdateReader::take(std::span<const std::byte> content) {
  if (content.empty()) return tl::unexpected(Alert::unexpected_message);
  for (const std::byte byte : content) {
    if (size_ == message_.size()) return tl::unexpected(Alert::unexpected_message);
    message_[size_++] = byte;
    if (message_[0] != kKeyUpdate) return tl::unexpected(Alert::unexpected_message);
    if (size_ == kBeforeBody && read_number(std::span(message_).subspan(1, 3)) != 1)
      return tl::unexpected(Alert::decode_error);
  }
  if (size_ < message_.size()) return std::nullopt;
  size_ = 0;
  if (message_.back() > std::byte{1}) return tl::unexpected(Alert::illegal_parameter);
  return Update{message_.back() == std::byte{1}};
}

}  // namespace parley
