#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "service/loop/byte_queue.h"
#include "service/net/key_update_reader.h"
#include "service/net/stream.h"
#include "service/net/tls_context.h"
#include "service/net/tls_record.h"

namespace parley {

// TLS 1.3 over another stream, as its server. OpenSSL does the handshake; the records after it are sealed and opened
// here (RFC 8446 section 5), so that a connection keeps two keys and no buffers, a record is decrypted right to where
// it is wanted, and several of them come and go in one system call each.
//
// Read into at least kLeastRead bytes. Records are as long as what is written in one piece, at most 16,384 bytes.
class TlsStream final : public Stream {
 public:
  static constexpr std::size_t kLeastRead = kRecordHeaderBytes + kMaxRecordCiphertext;
  // AES-GCM is to be given other keys before 2^24.5 records (RFC 8446 section 5.5).
  static constexpr std::uint64_t kRecordsPerKey = std::uint64_t{1} << 23U;

  // Records without a byte of content, KeyUpdates among them, that a client may send in a row. Each costs as much as a
  // long record, and a KeyUpdate more.
  static constexpr unsigned kMostEmptyRecords = 32;
  // KeyUpdates that a client may send, which cost as much as its handshake, and the records with content that earn it
  // another. Nobody needs one more often than every 2^24 records.
  static constexpr unsigned kMostKeyUpdates = 128;
  static constexpr unsigned kRecordsPerKeyUpdate = 16;
  // What read_some() does at a time, in records opened, however short they are; and what a KeyUpdate counts for.
  static constexpr unsigned kRecordsPerRead = 64;
  static constexpr unsigned kKeyUpdateCost = 8;

  struct Keys {
    RecordKeys read;
    RecordKeys write;
  };

  // `records_per_key`: fewer for a test, which cannot wait for so many.
  TlsStream(std::shared_ptr<const TlsContext> context, std::unique_ptr<Stream> below, Scratch& scratch,
            std::uint64_t records_per_key = kRecordsPerKey);
  // Goes on where the handshake has been done already.
  TlsStream(Keys agreed, std::unique_ptr<Stream> below, Scratch& scratch);

  awaitable<IoStatus> handshake() override;
  awaitable<void> drop_input() override;
  IoResult read_some(std::span<std::byte> into) override;
  IoResult write_some(std::span<const std::byte> from) override;
  std::size_t unsent() const override { return unsent_.size(); }
  awaitable<void> wait(Ready what) override { return below_->wait(what); }
  void cancel() override { below_->cancel(); }
  bool peer_gone() override { return input_ != IoStatus::ok || below_->peer_gone(); }
  // Tells the client that nothing more comes.
  void shutdown_send() override;
  void close() override { below_->close(); }
  void reset() override { below_->reset(); }
  void leave() override { below_->leave(); }
  void enter(Poller& poller, Scratch& scratch) override;
  void cut() override { below_->cut(); }
  std::optional<std::chrono::microseconds> round_trip() const override { return below_->round_trip(); }

 private:
  struct Taken {
    std::size_t record_bytes = 0;
    std::size_t content_bytes = 0;
  };
  IoResult read_held(std::span<std::byte> into);
  IoResult told(std::size_t read, bool more) const;
  // Opens whole records at the front of `bytes`, as many as may be opened at a time.
  Taken open_records(std::span<const std::byte> bytes, std::span<std::byte> into);
  bool note_content(std::size_t bytes);
  // A record of another type than data. Returns what it has cost beyond its opening, in records.
  unsigned take_other(ContentType type, std::span<const std::byte> content);
  void update_read_keys(bool ours_too);
  void take_alert(std::span<const std::byte> alert);
  void fail(Alert alert);
  // False: there is no more room in the scratch buffer.
  bool seal(ContentType type, std::span<const std::byte> content, std::size_t& used);
  IoResult send(std::span<const std::byte> records);
  IoStatus send_unsent();

  // Constant after construction.
  const std::shared_ptr<const TlsContext> context_;  // nullptr when the handshake has been done
  const std::uint64_t records_per_key_;

  std::unique_ptr<Stream> below_;
  Scratch* scratch_;
  std::optional<Keys> keys_;       // once the handshake is done
  IoStatus input_ = IoStatus::ok;  // closed or failed: nothing more is to be read
  bool output_failed_ = false;
  unsigned empty_records_ = 0;                                // in a row
  unsigned earned_ = kMostKeyUpdates * kRecordsPerKeyUpdate;  // towards KeyUpdates, in records with content
  KeyUpdateReader key_update_;
  bool update_owed_ = false;  // the client has asked for new keys
  ByteQueue unread_;          // records that are still to be opened, and the beginning of one
  ByteQueue unsent_;          // records
};

}  // namespace parley
