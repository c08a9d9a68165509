#include "protocol/chat/bodies.h"

#include <algorithm>
#include <limits>

#include "base/base64url.h"
#include "base/big_endian.h"
#include "base/hex.h"
#include "protocol/chat/errc.h"
#include "protocol/chat/record.h"
#include "protocol/chat/safe_name.h"
#include "protocol/json/members.h"
#include "protocol/json/object.h"

namespace parley::chat {
namespace {

constexpr std::string_view kProtocol = "chat/1";

// One body being read. Every take...() is of one member; what does not fit makes the whole of no use.
class Members {
 public:
  explicit Members(ByteView body) : members_(json::read_members(as_text(body))), good_(members_.has_value()) {}

  bool good() const { return good_; }
  void require(bool holds) { good_ = good_ && holds; }

  std::optional<std::uint64_t> number(const char* name, std::uint64_t max) {
    const auto* const value = find<std::uint64_t>(name);
    if (value == nullptr) {
      return std::nullopt;
    }
    require(*value <= max);
    return good_ ? std::optional(*value) : std::nullopt;
  }
  std::uint64_t needed_number(const char* name, std::uint64_t max) {
    const auto value = number(name, max);
    require(value.has_value());
    return value.value_or(0);
  }
  std::optional<std::uint32_t> small_number(const char* name, std::uint32_t max) {
    const auto value = number(name, max);
    return value ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
  }
  std::uint32_t file() {
    const auto value = needed_number("file", std::numeric_limits<std::uint32_t>::max());
    require(value != 0);
    return static_cast<std::uint32_t>(value);
  }

  std::optional<std::string> text(const char* name, std::size_t max_bytes) {
    const auto* const value = find<std::string>(name);
    if (value == nullptr) {
      return std::nullopt;
    }
    require(value->size() <= max_bytes);
    return good_ ? std::optional(*value) : std::nullopt;
  }
  std::optional<bool> flag(const char* name) {
    const auto* const value = find<bool>(name);
    return value != nullptr ? std::optional(*value) : std::nullopt;
  }
  std::optional<ConversationId> conversation(const char* name) {
    const auto value = text(name, base64url_length(ConversationId().size()));
    if (!value) {
      return std::nullopt;
    }
    const auto id = from_base64url<ConversationId().size()>(*value);
    require(id.has_value());
    return id;
  }
  std::optional<Digest> digest(const char* name) {
    const auto value = text(name, Digest().size() * 2);
    if (!value) {
      return std::nullopt;
    }
    const auto bytes = from_hex<std::tuple_size_v<Digest>>(*value);
    require(bytes.has_value());
    return bytes;
  }
  std::vector<std::string> features() {
    const auto* const list = find<json::Texts>("features");
    if (list == nullptr) {
      return {};
    }
    require(list->size() <= kMaxFeatures && std::ranges::all_of(*list, [](const std::string& feature) {
              return !feature.empty() && feature.size() <= kMaxFeatureBytes;
            }));
    return good_ ? *list : json::Texts{};
  }

  template <typename T>
  Decoded<T> result(T value) const {
    if (!good_) {
      return tl::unexpected(make_error_code(Errc::bad_body));
    }
    return value;
  }

 private:
  // nullptr when it is not there, or is not a T, which makes the whole of no use.
  template <typename T>
  const T* find(const char* name) {
    const auto found = good_ ? members_->find(name) : json::Members::iterator();
    if (!good_ || found == members_->end()) {
      return nullptr;
    }
    const T* const value = std::get_if<T>(&found->second);
    require(value != nullptr);
    return value;
  }

  std::optional<json::Members> members_;
  bool good_;
};

Bytes body_of(const json::Object& object) {
  const std::string text = object.text();
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Bytes encode(const Hello& hello) {
  json::Object object{
      {"protocol", kProtocol}, {"conversation", to_base64url(hello.conversation)}, {"received", hello.received}};
  if (hello.peer) object.put("peer", to_base64url(*hello.peer));
  if (!hello.name.empty()) object.put("name", hello.name);
  if (!hello.features.empty()) object.put("features", hello.features);
  return body_of(object);
}

Decoded<Hello> decode_hello(ByteView body) {
  Members members(body);
  // Before all else: another version may mean something else by the same names.
  const auto protocol = members.text("protocol", kMaxJsonBytes);
  if (protocol && *protocol != kProtocol) {
    return tl::unexpected(make_error_code(Errc::other_protocol));
  }
  members.require(protocol.has_value());
  const auto conversation = members.conversation("conversation");
  members.require(conversation.has_value());
  Hello hello;
  hello.conversation = conversation.value_or(ConversationId());
  hello.peer = members.conversation("peer");
  hello.received = members.needed_number("received", kMaxSequence);
  members.require(hello.peer.has_value() || hello.received == 0);
  hello.name = members.text("name", kMaxSideNameBytes).value_or("");
  hello.features = members.features();
  return members.result(std::move(hello));
}

bool is_offer_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxPathBytes) {
    return false;
  }
  std::size_t depth = 1;
  std::size_t component = 0;
  for (const char c : name) {
    component = c == '/' ? 0 : component + 1;
    depth += c == '/' ? 1 : 0;
    if (component > kMaxNameBytes) {
      return false;
    }
  }
  return depth <= kMaxPathDepth;
}

Bytes encode(const Offer& offer) {
  json::Object object{{"file", offer.file}, {"name", offer.name}, {"size", offer.size}};
  if (offer.mode) object.put("mode", *offer.mode);
  if (offer.sha256) object.put("sha256", to_hex(*offer.sha256));
  if (offer.directory) object.put("directory", true);
  if (offer.total_files) object.put("total_files", *offer.total_files);
  if (offer.total_size) object.put("total_size", *offer.total_size);
  if (offer.stored) object.put("stored", *offer.stored);
  if (offer.modified) object.put("modified", *offer.modified);
  if (offer.left_out > 0) object.put("left_out", offer.left_out);
  if (offer.named > 0) object.put("named", offer.named);
  if (!offer.error.empty()) object.put("error", offer.error);
  return body_of(object);
}

Decoded<Offer> decode_offer(ByteView body) {
  Members members(body);
  Offer offer;
  offer.file = members.file();
  offer.name = members.text("name", kMaxPathBytes).value_or("");
  members.require(is_offer_name(offer.name));
  offer.size = members.needed_number("size", kMaxSequence);
  offer.mode = members.small_number("mode", kMaxMode);
  offer.sha256 = members.digest("sha256");
  offer.directory = members.flag("directory").value_or(false);
  members.require(!offer.directory || offer.size == 0);
  offer.total_files = members.small_number("total_files", kMaxFiles);
  members.require(offer.total_files != 0U);
  offer.total_size = members.number("total_size", kMaxSequence);
  offer.stored = members.number("stored", kMaxSequence);
  offer.modified = members.number("modified", kMaxSequence);
  offer.named = members.small_number("named", 2 * kMaxFiles).value_or(0);
  offer.left_out = members.small_number("left_out", std::numeric_limits<std::uint32_t>::max()).value_or(0);
  offer.error = members.text("error", kMaxReasonBytes).value_or("");
  return members.result(std::move(offer));
}

Bytes encode(const Answer& answer) {
  json::Object object{{"file", answer.file}, {"accept", answer.accept}};
  if (answer.accept) object.put("offset", answer.offset);
  if (answer.sha256) object.put("sha256", to_hex(*answer.sha256));
  if (!answer.name.empty()) object.put("name", answer.name);
  if (!answer.reason.empty()) object.put("reason", answer.reason);
  if (answer.want_sha256) object.put("want_sha256", true);
  return body_of(object);
}

Decoded<Answer> decode_answer(ByteView body) {
  Members members(body);
  Answer answer;
  answer.file = members.file();
  const auto accept = members.flag("accept");
  members.require(accept.has_value());
  answer.accept = accept.value_or(false);
  if (answer.accept) {
    answer.offset = members.needed_number("offset", kMaxSequence);
    answer.sha256 = members.digest("sha256");
    members.require(answer.offset == 0 || answer.sha256.has_value());
    answer.name = members.text("name", kMaxPathBytes).value_or("");
  } else {
    answer.reason = members.text("reason", kMaxReasonBytes).value_or("");
    answer.want_sha256 = members.flag("want_sha256").value_or(false);
  }
  return members.result(std::move(answer));
}

Bytes encode(const Done& done) {
  json::Object object{{"file", done.file}};
  if (done.sha256) {
    object.put("sha256", to_hex(*done.sha256));
  } else {
    object.put("error", done.error);
  }
  return body_of(object);
}

Decoded<Done> decode_done(ByteView body) {
  Members members(body);
  Done done;
  done.file = members.file();
  done.sha256 = members.digest("sha256");
  const auto error = members.text("error", kMaxReasonBytes);
  members.require(done.sha256.has_value() != error.has_value());
  done.error = error.value_or("");
  return members.result(std::move(done));
}

Bytes chunk_header(std::uint32_t file, std::uint64_t offset, std::size_t bytes) {
  Bytes body;
  body.reserve(kChunkHeaderBytes + bytes);
  append_number(body, file, 4);
  append_number(body, offset, 8);
  return body;
}

Bytes encode(const Chunk& chunk) {
  Bytes body = chunk_header(chunk.file, chunk.offset, chunk.bytes.size());
  append(body, chunk.bytes);
  return body;
}

Decoded<Chunk> decode_chunk(ByteView body) {
  if (body.size() <= kChunkHeaderBytes) {
    return tl::unexpected(make_error_code(Errc::bad_body));
  }
  const Chunk chunk{static_cast<std::uint32_t>(read_number(body.first(4))), read_number(body.subspan(4, 8)),
                    body.subspan(kChunkHeaderBytes)};
  if (chunk.file == 0 || chunk.offset > kMaxSequence - chunk.bytes.size()) {
    return tl::unexpected(make_error_code(Errc::bad_body));
  }
  return chunk;
}

Bytes encode(const Comparing& comparing) {
  Bytes body;
  append_number(body, comparing.file, 4);
  append_number(body, comparing.offset, 8);
  return body;
}

Decoded<Comparing> decode_comparing(ByteView body) {
  const auto is_good = [](const Comparing& one) { return one.file != 0 && one.offset <= kMaxSequence; };
  if (body.size() == kComparingBytes) {
    const Comparing comparing{static_cast<std::uint32_t>(read_number(body.first(4))), read_number(body.subspan(4))};
    if (is_good(comparing)) return comparing;
  }
  return tl::unexpected(make_error_code(Errc::bad_body));
}

std::uint64_t decode_ack(ByteView body) { return read_number(body); }

}  // namespace parley::chat
