#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <tl/expected.hpp>
#include <unordered_map>
#include <utility>

#include "service/loop/clock.h"
#include "service/settings/settings.h"
#include "service/view/end_reason.h"

namespace parley {

// Who may connect: connections in all, per address, and new ones per second and address (a token bucket).
// Asked once a connection, before any cryptography. Thread-safe.
class Admission {
 public:
  // A bucket holds this many seconds' worth of connections, so that an office that comes to work at once, or a
  // program that opens many, is not refused.
  static constexpr double kBurstSeconds = 5;
  // Addresses remembered at most that have no connection any more, since they have used up what they may open now. When
  // they are more, those that have used up the least are forgotten: a crowd keeps nobody out.
  static constexpr std::size_t kMaxIdleAddresses = 65'536;

  explicit Admission(const Limits& limits) : limits_(limits) {}

  // An admitted connection, counted for as long as this lives. The Admission must outlive it.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)),
          key_(std::move(other.key_)),
          protocol_(other.protocol_) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(admission_, other.admission_);
      std::swap(key_, other.key_);
      std::swap(protocol_, other.protocol_);
      return *this;
    }
    ~Place() {
      if (admission_ != nullptr) admission_->release(key_, protocol_);
    }

   private:
    friend class Admission;
    Place(Admission& admission, std::string key, Protocol protocol)
        : admission_(&admission), key_(std::move(key)), protocol_(protocol) {}
    Admission* admission_ = nullptr;
    std::string key_;  // empty: the address is not known yet
    Protocol protocol_{};
  };

  // Limits count both protocols' connections together.
  tl::expected<Place, Refusal> admit(const std::string& address_key, TimePoint now, Protocol protocol);

  // For a connection whose client's address is still to come: until count_for() only the limit on connections in all
  // holds for it.
  tl::expected<Place, Refusal> admit_unnamed(Protocol protocol);
  tl::expected<void, Refusal> count_for(Place& place, const std::string& address_key, TimePoint now);

  void set_limits(const Limits& limits);
  std::size_t connections() const;
  std::size_t connections(Protocol protocol) const;

 private:
  struct Address {
    std::size_t connections = 0;
    double tokens = 0;
    TimePoint filled_at{};
  };
  // The rest of them: with the mutex held.
  bool full() const { return limits_.max_connections != 0 && connections_ >= limits_.max_connections; }
  tl::expected<void, Refusal> enter(const std::string& address_key, TimePoint now);
  Place take_place(std::string address_key, Protocol protocol);

  void release(const std::string& address_key, Protocol protocol);
  double full_bucket() const;
  void refill(Address& address, TimePoint now) const;
  void forget_idle(TimePoint now);
  // The idle that have so many tokens, or more.
  void forget_above(double tokens);
  double median_tokens() const;

  mutable std::mutex mutex_;
  Limits limits_;
  std::size_t connections_ = 0;
  std::array<std::size_t, kProtocols> connections_by_protocol_{};
  std::unordered_map<std::string, Address> addresses_;
  std::size_t idle_ = 0;  // of addresses_, those without a connection
  std::size_t forget_above_ = 1024;
};

}  // namespace parley
