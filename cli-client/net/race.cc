#include "cli-client/net/race.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/duration.h"
#include "base/errno_text.h"

namespace parley::client {
namespace {

using std::chrono::milliseconds;

// RFC 8305's "Connection Attempt Delay"; shorter when all of them would else not begin in half of the time.
constexpr milliseconds kHeadStart{250};

Clock::duration head_start(std::optional<TimePoint> ends_at, std::size_t addresses, TimePoint now) {
  if (!ends_at) return kHeadStart;
  const auto left = std::max(*ends_at - now, Clock::duration(0));
  return std::min<Clock::duration>(kHeadStart, left / static_cast<int>(2 * addresses));
}

// What the user has to decide on, or to know, before what may be better later.
int gravity(const ConnectionFault& fault) {
  switch (fault.kind) {
    case ConnectionFault::Kind::wrong_pin:
      return 0;
    case ConnectionFault::Kind::untrusted:
      return fault.pin ? 1 : 2;
    case ConnectionFault::Kind::refused:
      return 3;
    case ConnectionFault::Kind::no_relay:
      return 4;
    case ConnectionFault::Kind::lost:
      return 5;
    case ConnectionFault::Kind::unreachable:
      return 6;
  }
  return 7;
}

}  // namespace

std::vector<Address> in_racing_order(const std::vector<Address>& resolved, const std::optional<Address>& first) {
  std::vector<Address> left;
  for (const Address& address : resolved) {
    if (std::ranges::find(left, address) == left.end()) left.push_back(address);
  }
  std::vector<Address> order;
  const auto take = [&](std::vector<Address>::iterator at) {
    order.push_back(*at);
    left.erase(at);
  };
  if (first) {
    if (const auto at = std::ranges::find(left, *first); at != left.end()) take(at);
  }
  while (!left.empty()) {
    const auto other_family =
        order.empty() ? left.begin() : std::ranges::find_if(left, [&order](const Address& address) {
          return address.storage.ss_family != order.back().storage.ss_family;
        });
    take(other_family != left.end() ? other_family : left.begin());
  }
  return order;
}

Race::Race(Endpoint relay, std::vector<Address> addresses, std::optional<milliseconds> timeout, TimePoint begun,
           Begin begin, TimePoint now)
    : relay_(std::move(relay)),
      addresses_(std::move(addresses)),
      timeout_(timeout),
      ends_at_(timeout ? std::optional(begun + *timeout) : std::nullopt),
      begin_(std::move(begin)),
      head_start_(head_start(ends_at_, addresses_.size(), now)),
      next_at_(now) {}

std::optional<TimePoint> Race::deadline() const {
  if (next_ == addresses_.size()) return ends_at_;
  return ends_at_ ? std::min(next_at_, *ends_at_) : next_at_;
}

std::optional<Race::Result> Race::advance(TimePoint now) {
  if (ready_.error() != 0) {
    return tl::unexpected(ConnectionFault{ConnectionFault::Kind::unreachable,
                                          "cannot connect to " + relay_.text() + ": " + errno_text(ready_.error()),
                                          {}});
  }
  if (auto winner = advance_runners(now)) return std::move(*winner);
  while (next_ < addresses_.size() && now >= next_at_) {
    if (auto winner = begin_next(now)) return std::move(*winner);
  }
  if (ends_at_ && now >= *ends_at_) {
    for (const Runner& runner : runners_) failures_.push_back({runner.address, runner.attempt->late()});
    runners_.clear();
    return tl::unexpected(explain());
  }
  if (runners_.empty() && next_ == addresses_.size()) return tl::unexpected(explain());
  if (runners_.size() == 1 && next_ == addresses_.size()) runners_.front().attempt->on_alone(now);
  ready_.watch(wanted_by_runners());
  return std::nullopt;
}

std::optional<Race::Winner> Race::advance_runners(TimePoint now) {
  std::vector<pollfd> fds = wanted_by_runners();
  if (::poll(fds.data(), fds.size(), 0) < 0) {
    for (pollfd& fd : fds) fd.revents = 0;
  }
  std::optional<Winner> winner;
  for (std::size_t i = 0; i < runners_.size() && !winner; ++i)
    winner = advance_runner(runners_[i], fds[i].revents, now);
  std::erase_if(runners_, [](const Runner& runner) { return !runner.attempt; });
  return winner;
}

std::optional<Race::Winner> Race::begin_next(TimePoint now) {
  const Address& address = addresses_[next_++];
  next_at_ = now + head_start_;
  const std::string where = addresses_.size() == 1 ? relay_.text() : relay_.text() + " at " + address.host_text();
  Runner runner{begin_(address, where), address};
  auto winner = advance_runner(runner, 0, now);
  if (runner.attempt) runners_.push_back(std::move(runner));
  return winner;
}

// Of one that is over, which has won or failed, no attempt is left.
std::optional<Race::Winner> Race::advance_runner(Runner& runner, short events, TimePoint now) {
  auto done = runner.attempt->advance(events, now);
  if (!done) {
    failures_.push_back({runner.address, std::move(done.error())});
    runner.attempt.reset();
    next_at_ = now;
    return std::nullopt;
  }
  if (!*done) return std::nullopt;
  return Winner{std::move(runner.attempt), runner.address};
}

std::vector<pollfd> Race::wanted_by_runners() const {
  std::vector<pollfd> fds;
  for (const Runner& runner : runners_) fds.push_back(runner.attempt->wanted());
  return fds;
}

ConnectionFault Race::explain() {
  // Sorted by insertion, which keeps the order of what is alike: std::stable_sort() is made of what C++17 deprecates.
  const auto by_gravity = [](const Failure& failure) { return gravity(failure.fault); };
  for (auto at = failures_.begin(); at != failures_.end(); ++at) {
    const auto place = std::ranges::upper_bound(failures_.begin(), at, by_gravity(*at), {}, by_gravity);
    std::rotate(place, at, at + 1);
  }
  ConnectionFault fault = failures_.front().fault;
  const auto all = [this](int error) {
    return std::ranges::all_of(failures_, [error](const Failure& f) { return f.fault.error == error; });
  };
  std::string tried;
  for (const Failure& failure : failures_) tried += (tried.empty() ? "" : ", ") + failure.address.text();
  const std::string where = relay_.text() + (tried == relay_.text() ? "" : " (" + tried + ")");
  if (all(ECONNREFUSED)) {
    fault.text = "nothing listens at " + where + ": connection refused; is parleyd running there?";
    return fault;
  }
  if (all(ETIMEDOUT)) {
    fault.text = "no answer from " + where + (timeout_ ? " within " + duration_text(*timeout_) : "") +
                 ": timed out; check the host, the port and the firewalls between";
    return fault;
  }
  const auto cause = [](const Failure& failure) {
    return failure.fault.error == 0 ? failure.fault.text
                                    : failure.address.text() + ": " + errno_text(failure.fault.error);
  };
  if (fault.error == 0) {
    for (auto other = failures_.begin() + 1; other != failures_.end(); ++other) fault.text += "; and " + cause(*other);
    return fault;
  }
  fault.text = "cannot connect to " + relay_.text() + ":";
  for (const Failure& failure : failures_) fault.text += " " + cause(failure) + ";";
  fault.text += " check the host and the network";
  return fault;
}

}  // namespace parley::client
