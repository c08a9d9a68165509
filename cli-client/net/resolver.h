#pragma once

#include <functional>
#include <future>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/descriptor.h"
#include "cli-client/net/address.h"
#include "cli-client/net/endpoint.h"

namespace parley::client {

// The addresses of an endpoint, in the order to try them, at least one; or why there are none, for the user to read.
using Resolved = tl::expected<std::vector<Address>, std::string>;

// Finds them; may block.
using Lookup = std::function<Resolved(const Endpoint&)>;

// The system's; blocks as long as it does.
Resolved resolve(const Endpoint& endpoint);

// Finds a relay's addresses while everything else goes on: the system's resolver only works by making its caller wait,
// when the network is gone for many seconds, so it is asked on a thread of its own.
class Resolver {
 public:
  // `lookup` is called on that thread, and copied: it may outlive all of us.
  explicit Resolver(const Endpoint& endpoint, const Lookup& lookup = resolve);

  // -1 when take() can be called at once: not even the question could be put.
  int fd() const { return done_.get(); }
  // nullopt until fd() can be read. Once only.
  std::optional<Resolved> take();

 private:
  Descriptor done_;
  std::future<Resolved> result_;
};

}  // namespace parley::client
