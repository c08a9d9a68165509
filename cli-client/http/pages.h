#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "cli-client/base/clock.h"
#include "cli-client/http/answer.h"

namespace parley::client {

// Shows pages over HTTP/1.1 to whoever connects, one request a connection, beside whatever else its thread does.
// Nothing blocks: advance() is called when one of wanted() is ready, or deadline() has come. A client has kTime for all
// of it, and the one that came first goes when there are too many, so those that are slow, or say nothing, keep nobody
// out.
class Pages {
 public:
  static constexpr std::chrono::seconds kTime{5};
  static constexpr std::size_t kMostClients = 16;

  // `listener`: see listen_at().
  Pages(Descriptor listener, FindPage find) : listener_(std::move(listener)), find_(std::move(find)) {}

  std::vector<pollfd> wanted() const;
  std::optional<TimePoint> deadline() const;
  void advance(TimePoint now);

 private:
  struct Client {
    Descriptor socket;
    TimePoint ends_at;
    std::string received;  // the request
    std::string answer;    // what is left of it
    bool answered = false;
    std::size_t more = 0;  // bytes that came after the request
  };

  void accept_clients(TimePoint now);
  bool serve(Client& client) const;
  bool read_request(Client& client) const;
  static bool write_answer(Client& client);
  static bool await_end(Client& client);

  const Descriptor listener_;
  const FindPage find_;
  std::deque<Client> clients_;           // in the order in which they came
  std::optional<TimePoint> accepts_at_;  // nullopt: now
};

}  // namespace parley::client
