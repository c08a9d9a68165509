#include "service/net/tls_stream.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/big_endian.h"
#include "service/net/tls_handshake.h"

namespace parley {

namespace {

// A KeyUpdate that asks for none (RFC 8446 section 4.6.3): type (1), length (3), and one byte.
constexpr std::array<std::byte, 5> kUpdateNotRequested{std::byte{24}, std::byte{0}, std::byte{0}, std::byte{1},
                                                       std::byte{0}};
// What is read beyond the handshake must fit one read of the records after it.
constexpr std::size_t kHandshakeReadBytes = 8192;
// Who goes on sending after an alert hears no more of it.
constexpr std::size_t kMostDropped = std::size_t{256} * 1024;
constexpr std::byte kFatal{2};
constexpr std::byte kWarning{1};

std::size_t body_bytes(std::span<const std::byte> header) { return read_number(header.subspan(3, 2)); }

// What is wrong with a record can be told from its header (RFC 8446 section 5.2).
std::optional<Alert> fault_of(std::span<const std::byte> header) {
  if (body_bytes(header) > kMaxRecordCiphertext) return Alert::record_overflow;
  if (header[0] != static_cast<std::byte>(ContentType::application_data)) return Alert::unexpected_message;
  return std::nullopt;
}

// Whether more need not come before the first record can be taken, or refused.
bool holds_record(std::span<const std::byte> bytes) {
  return bytes.size() >= kRecordHeaderBytes &&
         (bytes.size() >= kRecordHeaderBytes + body_bytes(bytes) || fault_of(bytes));
}

}  // namespace

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, std::unique_ptr<Stream> below, Scratch& scratch,
                     std::uint64_t records_per_key)
    : context_(std::move(context)), records_per_key_(records_per_key), below_(std::move(below)), scratch_(&scratch) {}

TlsStream::TlsStream(Keys agreed, std::unique_ptr<Stream> below, Scratch& scratch)
    : records_per_key_(kRecordsPerKey), below_(std::move(below)), scratch_(&scratch), keys_(std::move(agreed)) {}

awaitable<IoStatus> TlsStream::handshake() {
  std::unique_ptr<TlsHandshake> handshake;  // nothing is made for a client that has not said a word
  std::vector<std::byte> answer;
  TlsHandshake::Status status = TlsHandshake::Status::need_more;
  while (status == TlsHandshake::Status::need_more) {
    const IoResult got = below_->read_some(std::span(scratch_->received).first(kHandshakeReadBytes));
    if (got.status == IoStatus::would_block) {
      co_await below_->wait(Ready::read);
      continue;
    }
    if (got.status != IoStatus::ok) co_return got.status;
    if (!handshake) handshake = std::make_unique<TlsHandshake>(*context_);
    status = handshake->advance(std::span(scratch_->received).first(got.bytes), answer);
    if (answer.empty()) continue;
    IoStatus sent = send(answer).status;
    while (sent == IoStatus::ok && !unsent_.empty()) {
      co_await below_->wait(Ready::write);
      sent = send_unsent();
      if (sent == IoStatus::would_block) sent = IoStatus::ok;
    }
    if (sent != IoStatus::ok) co_return sent;
  }
  if (status == TlsHandshake::Status::failed) {
    below_->shutdown_send();
    co_return IoStatus::failed;
  }
  TlsHandshake::Agreed agreed = handshake->take();
  keys_.emplace(Keys{std::move(agreed.read), std::move(agreed.write)});
  unread_.append(agreed.unread);
  co_return IoStatus::ok;
}

awaitable<void> TlsStream::drop_input() {
  std::size_t dropped = 0;
  while (dropped < kMostDropped) {
    const IoResult more = below_->read_some(scratch_->received);
    if (more.status == IoStatus::would_block) {
      co_await below_->wait(Ready::read);
    } else if (more.status != IoStatus::ok) {
      break;
    }
    dropped += more.bytes;
  }
}

IoResult TlsStream::read_some(std::span<std::byte> into) {
  assert(into.size() >= kLeastRead && keys_);
  if (input_ != IoStatus::ok) return {input_, 0};
  if (holds_record(unread_.front())) return read_held(into);
  const std::span<std::byte> received =
      std::span(scratch_->received).first(std::min(scratch_->received.size(), into.size()));
  const std::size_t held = unread_.size();
  std::copy(unread_.front().begin(), unread_.front().end(),
            received.begin());  // memmove; ranges::copy of g++ 12 is not
  const IoResult got = below_->read_some(received.subspan(held));
  if (got.status == IoStatus::would_block) return {IoStatus::would_block, 0};
  if (got.status != IoStatus::ok) {
    input_ = got.status;
    return {input_, 0};
  }
  const std::span<const std::byte> bytes = received.first(held + got.bytes);
  const Taken taken = open_records(bytes, into);
  const auto rest = bytes.subspan(taken.record_bytes);
  if (held != 0) unread_.clear();
  if (!rest.empty() && input_ == IoStatus::ok) unread_.append(rest);
  return told(taken.content_bytes, bytes.size() == received.size() || holds_record(rest));
}

// Records that have been read already, in place.
IoResult TlsStream::read_held(std::span<std::byte> into) {
  const Taken taken = open_records(unread_.front(), into);
  unread_.drop_front(taken.record_bytes);
  return told(taken.content_bytes, true);
}

IoResult TlsStream::told(std::size_t read, bool more) const {
  // What came before the end first. The end is told at the next call, for which the socket may have no more news.
  if (input_ != IoStatus::ok) return read == 0 ? IoResult{input_, 0} : IoResult{IoStatus::ok, read, true};
  return {read == 0 ? IoStatus::would_block : IoStatus::ok, read, more};
}

TlsStream::Taken TlsStream::open_records(std::span<const std::byte> bytes, std::span<std::byte> into) {
  Taken taken;
  for (unsigned work = 0; work < kRecordsPerRead && input_ == IoStatus::ok; ++work) {
    const auto rest = bytes.subspan(taken.record_bytes);
    if (rest.size() < kRecordHeaderBytes) break;
    if (const auto fault = fault_of(rest)) {
      fail(*fault);
      break;
    }
    const std::size_t record_bytes = kRecordHeaderBytes + body_bytes(rest);
    if (rest.size() < record_bytes) break;
    const auto place = into.subspan(taken.content_bytes);
    const RecordKeys::Opened opened = keys_->read.open(rest.first(record_bytes), place);
    taken.record_bytes += record_bytes;
    if (!opened.authentic) {
      fail(Alert::bad_record_mac);
    } else if (record_bytes > kRecordHeaderBytes + kMaxInnerPlaintext + kRecordTagBytes) {
      fail(Alert::record_overflow);
    } else if (opened.type == ContentType::application_data && !key_update_.begun()) {
      if (note_content(opened.content_bytes)) taken.content_bytes += opened.content_bytes;
    } else {
      work += take_other(opened.type, place.first(opened.content_bytes));
    }
  }
  return taken;
}

// False: too many in a row said nothing.
bool TlsStream::note_content(std::size_t bytes) {
  if (bytes == 0) {
    if (++empty_records_ > kMostEmptyRecords) fail(Alert::unexpected_message);
    return input_ == IoStatus::ok;
  }
  empty_records_ = 0;
  if (earned_ < kMostKeyUpdates * kRecordsPerKeyUpdate) ++earned_;
  return true;
}

unsigned TlsStream::take_other(ContentType type, std::span<const std::byte> content) {
  if (!note_content(0)) return 0;
  if (type == ContentType::handshake) {
    const auto update = key_update_.take(content);
    if (!update) {
      fail(update.error());
    } else if (*update) {
      update_read_keys((*update)->requested);
      return kKeyUpdateCost;
    }
  } else if (type == ContentType::alert && !key_update_.begun()) {
    take_alert(content);
  } else {
    fail(Alert::unexpected_message);
  }
  return 0;
}

void TlsStream::update_read_keys(bool ours_too) {
  if (earned_ < kRecordsPerKeyUpdate) return fail(Alert::unexpected_message);
  earned_ -= kRecordsPerKeyUpdate;
  if (!keys_->read.update()) return fail(Alert::internal_error);
  update_owed_ = update_owed_ || ours_too;
}

// One whole alert in a record, and no empty ones (RFC 8446 sections 5.1 and 5.4).
void TlsStream::take_alert(std::span<const std::byte> alert) {
  if (alert.size() != 2) {
    fail(alert.empty() ? Alert::unexpected_message : Alert::decode_error);
  } else {
    input_ = alert[1] == static_cast<std::byte>(Alert::close_notify) ? IoStatus::closed : IoStatus::failed;
  }
}

void TlsStream::fail(Alert alert) {
  input_ = IoStatus::failed;
  const std::array<std::byte, 2> content{kFatal, static_cast<std::byte>(alert)};
  std::size_t used = 0;
  if (!output_failed_ && unsent_.empty() && seal(ContentType::alert, content, used))
    send(std::span(scratch_->to_send).first(used));
  output_failed_ = true;
}

bool TlsStream::seal(ContentType type, std::span<const std::byte> content, std::size_t& used) {
  const auto room = std::span(scratch_->to_send).subspan(used);
  if (room.size() < content.size() + kRecordOverhead) return false;
  const std::size_t record_bytes = keys_->write.seal(type, content, room);
  if (record_bytes == 0) output_failed_ = true;
  used += record_bytes;
  return record_bytes != 0;
}

IoResult TlsStream::write_some(std::span<const std::byte> from) {
  if (output_failed_) return {IoStatus::failed, 0};
  if (!unsent_.empty()) {
    const IoStatus status = send_unsent();
    if (status != IoStatus::ok) return {status, 0};
  }
  std::size_t used = 0;
  std::size_t taken = 0;
  if (update_owed_ || keys_->write.records() >= records_per_key_) {
    if (!seal(ContentType::handshake, kUpdateNotRequested, used) || !keys_->write.update())
      return {IoStatus::failed, 0};
    update_owed_ = false;
  }
  while (taken < from.size()) {
    const auto piece = from.subspan(taken, std::min(kMaxRecordPlaintext, from.size() - taken));
    if (!seal(ContentType::application_data, piece, used)) break;
    taken += piece.size();
  }
  if (output_failed_) return {IoStatus::failed, 0};
  if (used == 0) return {IoStatus::ok, 0};
  const IoResult sent = send(std::span(scratch_->to_send).first(used));
  return {sent.status, sent.status == IoStatus::ok ? taken : 0};
}

// What cannot go now is held: sealed records must go out, once and in order.
IoResult TlsStream::send(std::span<const std::byte> records) {
  const IoResult sent = below_->write_some(records);
  if (sent.status != IoStatus::ok && sent.status != IoStatus::would_block) {
    output_failed_ = true;
    return sent;
  }
  if (sent.bytes < records.size()) unsent_.append(records.subspan(sent.bytes));
  return {IoStatus::ok, sent.bytes};
}

IoStatus TlsStream::send_unsent() {
  const IoResult sent = below_->write_some(unsent_.front());
  if (sent.status != IoStatus::ok) {
    output_failed_ = sent.status != IoStatus::would_block;
    return sent.status;
  }
  unsent_.drop_front(sent.bytes);
  return unsent_.empty() ? IoStatus::ok : IoStatus::would_block;
}

void TlsStream::shutdown_send() {
  const std::array<std::byte, 2> content{kWarning, static_cast<std::byte>(Alert::close_notify)};
  std::size_t used = 0;
  if (keys_ && !output_failed_ && unsent_.empty() && seal(ContentType::alert, content, used))
    send(std::span(scratch_->to_send).first(used));
  output_failed_ = true;
  below_->shutdown_send();
}

void TlsStream::enter(Poller& poller, Scratch& scratch) {
  scratch_ = &scratch;
  below_->enter(poller, scratch);
}

}  // namespace parley
