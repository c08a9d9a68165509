#pragma once

#include "service/loop/asio.h"
#include "service/rsa/open_queue.h"
#include "service/view/histogram.h"

namespace parley {

// Does the RSA operations of a shard's legs on the shard's own thread, a few at a turn of its loop: other legs wait for
// those few at most. Where cores are few that costs less than handing them to workers, which would only take the core
// from the shard and give it back (bench/README.md has the figures).
// Runs on the shard's thread, but for what is marked.
class InPlaceOpener {
 public:
  InPlaceOpener(asio::io_context& io, const rsa::Engine& engine) : io_(io), engine_(engine) {}

  // done() is called in a later turn. The loop must run until it has been.
  void submit(rsa::OpenJob& job);

  // Any thread.
  const rsa::OpenCounters& counters() const { return counters_; }
  std::size_t queued() const { return queued_.get(); }

 private:
  void turn();

  asio::io_context& io_;
  const rsa::Engine& engine_;
  rsa::OpenQueue queue_;
  bool turning_ = false;
  rsa::OpenCounters counters_;
  Counter queued_;
};

}  // namespace parley
