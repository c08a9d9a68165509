#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "service/rsa/engine.h"
#include "service/view/histogram.h"
#include "service/view/view.h"

namespace parley::rsa {

// Some openings of one leg, in order. Lives in the leg; the queue keeps a pointer until done() is called.
struct OpenJob {
  std::span<Opening> openings;  // at least one
  // Called once, when all openings have been done, on the thread that did the last. Must not block; usually posts to
  // the leg's shard.
  virtual void done() = 0;

  OpenJob* next = nullptr;   // the queue's own, as those below
  std::size_t started = 0;   // openings handed to an engine
  std::size_t finished = 0;  // openings done

 protected:
  ~OpenJob() = default;
};

// What one thread has done. One writer, read by anyone.
struct OpenCounters {
  Histogram open_seconds;  // one per batch
  Counter operations;
  Counter batches;

  void add_to(WorkersView& view) const;
};

// Openings from the queue's front, of as many jobs as they belong to.
struct OpenBatch {
  static constexpr std::size_t kMost = 16;
  struct Part {
    OpenJob* job;
    std::size_t openings;
  };
  std::array<Opening*, kMost> openings;
  std::array<Part, kMost> parts;
  std::size_t opening_count = 0;
  std::size_t part_count = 0;

  void open(const Engine& engine, OpenCounters& counters);
};

// Jobs in the order in which they came. Not thread-safe, and it allocates nothing.
class OpenQueue {
 public:
  bool empty() const { return head_ == nullptr; }
  std::size_t openings() const { return openings_; }  // not yet taken
  void push(OpenJob& job);
  // At most `most` openings, and OpenBatch::kMost.
  void take(OpenBatch& batch, std::size_t most);

  // The jobs whose last openings the batch was; the caller calls done() of each.
  struct Finished {
    std::array<OpenJob*, OpenBatch::kMost> jobs;
    std::size_t count = 0;
  };
  static Finished finish(const OpenBatch& batch);

 private:
  OpenJob* head_ = nullptr;
  OpenJob* tail_ = nullptr;
  std::size_t openings_ = 0;
};

}  // namespace parley::rsa
