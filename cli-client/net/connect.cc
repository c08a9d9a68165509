#include "cli-client/net/connect.h"
#include "base/errno_text.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/duration.h"
#include "cli-client/base/poll_timeout.h"

namespace parley::client {

using std::chrono::milliseconds;

TcpConnect::TcpConnect(Endpoint endpoint, std::vector<Address> addresses, std::optional<milliseconds> timeout,
                       TimePoint begun)
    : endpoint_(std::move(endpoint)), addresses_(std::move(addresses)), timeout_(timeout), begun_(begun) {}

std::optional<TcpConnect::Result> TcpConnect::advance(short events, TimePoint now) {
  for (;;) {
    if (!attempt_) {
      if (next_ == addresses_.size()) return tl::unexpected(explain());
      std::optional<TimePoint> deadline;
      if (timeout_) {
        const auto left = std::max(begun_ + *timeout_ - now, Clock::duration(0));
        deadline = now + left / static_cast<int>(addresses_.size() - next_);
      }
      attempt_.emplace(addresses_[next_++], deadline);
      events = 0;
    }
    const auto error = attempt_->advance(events, now);
    if (!error) return std::nullopt;
    if (*error == 0) return TcpConnection{attempt_->take_socket(), attempt_->address()};
    failures_.push_back({attempt_->address().text(), *error});
    attempt_.reset();
  }
}

std::string TcpConnect::explain() const {
  const auto all = [this](int error) {
    return std::all_of(failures_.begin(), failures_.end(), [error](const Failure& f) { return f.error == error; });
  };
  std::string tried;
  for (const Failure& failure : failures_) tried += (tried.empty() ? "" : ", ") + failure.address;
  const std::string where = endpoint_.text() + (tried == endpoint_.text() ? "" : " (" + tried + ")");
  if (all(ECONNREFUSED)) {
    return "nothing listens at " + where + ": connection refused; is parleyd running there?";
  }
  if (all(ETIMEDOUT)) {
    return "no answer from " + where + (timeout_ ? " within " + duration_text(*timeout_) : "") +
           ": timed out; check the host, the port and the firewalls between";
  }
  std::string text = "cannot connect to " + endpoint_.text() + ":";
  for (const Failure& failure : failures_) {
    text += " " + failure.address + ": " + errno_text(failure.error) + ";";
  }
  return text + " check the host and the network";
}

TcpConnect::Result connect(const Endpoint& endpoint, const std::vector<Address>& addresses,
                           std::optional<milliseconds> timeout) {
  TcpConnect attempts(endpoint, addresses, timeout, Clock::now());
  short events = 0;
  for (;;) {
    if (auto result = attempts.advance(events, Clock::now())) return std::move(*result);
    pollfd fd = attempts.wanted();
    const bool ready = ::poll(&fd, 1, poll_timeout(attempts.deadline(), Clock::now())) > 0;
    events = ready ? fd.revents : short{0};
  }
}

}  // namespace parley::client
