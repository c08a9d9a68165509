#include "protocol/chat/record.h"

#include "base/big_endian.h"
#include "protocol/chat/errc.h"

namespace parley::chat {
namespace {

struct Header {
  std::uint8_t type;
  std::size_t length;
  std::uint64_t sequence;
};

std::error_code check(const Header& header) {
  const Type type{header.type};
  auto bounds = length_bounds(type);
  if (!bounds && header.type < kFirstSkippedType) {
    return Errc::bad_type;
  }
  if (!bounds) bounds = LengthBounds{0, kMaxBodyBytes};
  if (header.length < bounds->min || header.length > bounds->max) {
    return Errc::bad_length;
  }
  if (is_numbered(type) != (header.sequence != 0) || header.sequence > kMaxSequence) {
    return Errc::bad_number;
  }
  return {};
}

}  // namespace

bool is_numbered(Type type) {
  return type != Type::hello && type != Type::ack && type != Type::typing && type != Type::name &&
         static_cast<std::uint8_t>(type) < kFirstSkippedType;
}

bool is_of_file(Type type) {
  return type == Type::offer || type == Type::answer || type == Type::chunk || type == Type::done;
}

std::optional<LengthBounds> length_bounds(Type type) {
  switch (type) {
    case Type::hello:
    case Type::offer:
    case Type::answer:
    case Type::done:
      return LengthBounds{2, kMaxJsonBytes};  // {}
    case Type::text:
    case Type::stream:
      return LengthBounds{0, kMaxBodyBytes};
    case Type::name:
      return LengthBounds{0, kMaxSideNameBytes};
    case Type::ack:
    case Type::stored:
      return LengthBounds{kAckBytes, kAckBytes};
    case Type::chunk:
      return LengthBounds{kChunkHeaderBytes + 1, kMaxBodyBytes};
    case Type::typing:
    case Type::bye:
      return LengthBounds{0, 0};
    case Type::comparing:
      return LengthBounds{kComparingBytes, kComparingBytes};
  }
  return std::nullopt;
}

void append_record(Bytes& out, const RecordView& record) {
  out.push_back(static_cast<std::byte>(record.type));
  append_number(out, record.body.size(), 3);
  append_number(out, record.sequence, 8);
  append(out, record.body);
}

void RecordReader::feed(ByteView bytes) {
  // What is left of the last feed() is less than a record, so that moving it costs each byte one move a record.
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
  append(held_, bytes);
}

tl::expected<std::optional<RecordView>, std::error_code> RecordReader::next() {
  for (;;) {
    const ByteView left = ByteView(held_).subspan(begin_);
    if (left.size() < kHeaderBytes) {
      return std::nullopt;
    }
    const Header header{static_cast<std::uint8_t>(left[0]), read_number(left.subspan(1, 3)),
                        read_number(left.subspan(4, 8))};
    if (const auto error = check(header)) {
      return tl::unexpected(error);
    }
    if (left.size() < kHeaderBytes + header.length) {
      return std::nullopt;
    }
    begin_ += kHeaderBytes + header.length;
    if (length_bounds(Type{header.type})) {
      return RecordView{Type{header.type}, header.sequence, left.subspan(kHeaderBytes, header.length)};
    }
  }
}

}  // namespace parley::chat
