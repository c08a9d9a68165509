#pragma once

#include <future>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/descriptor.h"
#include "cli-client/net/connect.h"
#include "cli-client/net/endpoint.h"

namespace parley::client {

// Finds a relay's addresses while everything else goes on: the system's resolver only works by making its caller wait,
// when the network is gone for many seconds, so it is asked on a thread of its own.
class Resolver {
 public:
  explicit Resolver(const Endpoint& endpoint);

  int fd() const { return done_.get(); }
  // nullopt until fd() can be read.
  std::optional<tl::expected<std::vector<Address>, std::string>> take();

 private:
  Descriptor done_;
  std::future<tl::expected<std::vector<Address>, std::string>> result_;
};

}  // namespace parley::client
