#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace parley {

// What is said of a thread, by ps(1) while it runs and by the error when it cannot be had.
struct ThreadRole {
  std::string name;  // with its number at most 15 bytes, the kernel's limit
  std::size_t number = 1, of = 1;
  std::string_view fewer = {};  // what makes them fewer: "lower --shards"
  // It has little to do at a time, and somebody waits for it: it goes before threads that compute for long, where the
  // kernel can tell (Linux 6.12).
  bool prompt = false;
};

// The way in which every thread is started. Throws std::runtime_error when there is none to be had, with one line that
// says which of how many was missing, which limit is in the way, and what to do. An owner of several must end those
// that it has then: a std::thread that is destroyed running ends the process.
std::thread start_thread(const ThreadRole& role, std::function<void()> body);

}  // namespace parley
