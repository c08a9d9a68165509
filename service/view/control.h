#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "service/view/view.h"

// What an operator may do, as the admin API offers it: values, and the interface. Every method may be called from any
// thread, and answers once it is done.

namespace parley {

// Why something has not been done.
struct NotDone {
  enum class Kind {
    invalid,      // what was asked for is wrong, or the files that it reads are
    conflict,     // the process is about to end: that is not taken back
    unavailable,  // nobody has answered in time; it may be done yet
  };
  Kind kind = Kind::invalid;
  std::string why;
};

struct ReloadReport {
  std::vector<std::string> changed;              // options whose value, or whose file, is another now
  std::vector<std::string> needs_restart;        // options whose running value stays
  std::optional<CertificateView> before, after;  // nullopt without relay/1
};

struct LogLevelView {
  std::string level;       // now
  std::string configured;  // what it goes back to
  std::optional<WallTime> until;
};

struct KeyRotation {
  ClassicKeys keys = ClassicKeys::per_connection;
  std::size_t dropped =
      0;  // keys that nobody had been given; 0 with a shared one, which is replaced once there is another
};

// An option's effective value.
struct ConfiguredValue {
  std::string name;
  std::vector<std::string> values;  // one, but for those that may be given more than once
  std::string source;               // "default", "file", "environment", "command line"
  std::string where;                // "parley.toml:3", "PARLEY_SHARDS", "--shards"; empty for a default
};

class Control {
 public:
  virtual ~Control() = default;

  // Ends a session: both clients are given what is queued for them, and told why where their protocol can. False when
  // there is none of this id, or it is ending already. A shard that has not answered may still end it.
  virtual Answered<bool> end_session(SessionId id) = 0;

  // Reads the configuration again and the files that it names. When anything is wrong, all that runs stays.
  virtual tl::expected<ReloadReport, NotDone> reload() = 0;

  // Takes nobody new, and sends relay/1's clients elsewhere. When that time has passed (nullopt: never) whoever is left
  // is sent away. Asked for anew, the deadline is another. The process goes on, until it is told to stop.
  virtual tl::expected<DrainView, NotDone> drain(std::optional<milliseconds> within) = 0;
  // Takes clients again; nothing changes when it does.
  virtual tl::expected<void, NotDone> undrain() = 0;

  // Makes new keys for classic, and drops those that nobody has been given.
  virtual KeyRotation rotate_keys() = 0;

  virtual tl::expected<LogLevelView, NotDone> log_level() const = 0;
  // For that long, or until a reload changes it, or the end.
  virtual tl::expected<LogLevelView, NotDone> set_log_level(std::string_view level,
                                                            std::optional<std::chrono::seconds> time) = 0;

  // In the order of the options.
  virtual tl::expected<std::vector<ConfiguredValue>, NotDone> configuration() const = 0;
};

}  // namespace parley
