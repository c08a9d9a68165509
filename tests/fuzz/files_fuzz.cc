// Whatever a sender says, the receiver writes nothing outside its folder and nothing over what was there, keeps to its
// bounds, and answers what it can.

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "cli-client/files/receiver.h"
#include "protocol/chat/bodies.h"
#include "tests/fuzz/input.h"

namespace {

using namespace parley::client;
using parley::Bytes, parley::fuzz::require;
namespace chat = parley::chat;
namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Takes an answer only every other time it is asked.
class Slow : public Outlet {
 public:
  bool can_send(chat::Type, std::size_t) override { return ++asked_ % 2 == 0; }
  std::uint64_t send(chat::Type type, Bytes body) override {
    require(type == chat::Type::answer && chat::decode_answer(body).has_value());
    return ++sent_;
  }
  void send_comparing(const chat::Comparing& comparing) override {
    require(chat::decode_comparing(chat::encode(comparing)).has_value());
  }
  bool tells_stored() const override { return tells_apart_; }
  void stored(chat::MessageId id) override {
    require(id.sequence >= stored_);
    stored_ = id.sequence;
  }
  void set_tells_apart(bool apart) { tells_apart_ = apart; }
  void start_anew() { stored_ = 0; }

 private:
  unsigned asked_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t stored_ = 0;
  bool tells_apart_ = false;
};

// A folder to receive into, with a file, a link to its neighbour and a folder in it.
class Folder {
 public:
  Folder() {
    std::string path = fs::temp_directory_path() / "parley-fuzz-XXXXXX";
    root_ = ::mkdtemp(path.data());
    fs::create_directories(root_ / "in" / "folder");
    std::ofstream(root_ / "victim") << "untouched";
    std::ofstream(root_ / "in" / "mine") << "mine";
    fs::create_symlink("../victim", root_ / "in" / "link");
    fs::create_directory_symlink("..", root_ / "in" / "up");
    fs::create_symlink("../victim", root_ / "in" / "a.parley-part");
  }
  ~Folder() {
    require(std::distance(fs::directory_iterator(root_), {}) == 2);
    require(read(root_ / "victim") == "untouched" && read(root_ / "in" / "mine") == "mine");
    require(fs::is_symlink(root_ / "in" / "link") && fs::is_symlink(root_ / "in" / "up"));
    fs::remove_all(root_);
  }
  std::string in() const { return root_ / "in"; }

 private:
  fs::path root_;
};

}  // namespace

// The input is a byte for what is done about names that are taken, and whether what is stored is told apart, then
// records: a byte for the type, one for the length of the body, and the body. Another type is time that passes, or the
// user's answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const Folder folder;
  FileReceiver receiver(std::move(*TargetFolder::open(folder.in())),
                        std::array{IfExists::ask, IfExists::refuse, IfExists::rename}[data[0] % 3]);
  Slow outlet;
  outlet.set_tells_apart(std::to_integer<unsigned>(std::byte{data[0]}) >= 128);
  std::uint64_t sequence = 0;
  TimePoint now{};
  auto rest = std::as_bytes(std::span(data + 1, size - 1));
  while (rest.size() >= 2) {
    const auto type = static_cast<chat::Type>(rest[0]);
    const auto body = rest.subspan(2, std::min<std::size_t>(std::to_integer<std::size_t>(rest[1]), rest.size() - 2));
    rest = rest.subspan(2 + body.size());
    if (chat::is_of_file(type) && type != chat::Type::answer) {
      if (receiver.take(type, {++sequence, 0}, body)) break;
    } else if (type == chat::Type::hello) {
      receiver.restart();
      outlet.start_anew();
      sequence = 0;
    } else {
      receiver.pump(outlet, now += std::chrono::milliseconds(60));
      if (const auto question = receiver.question()) {
        receiver.decide(question->file, body.empty() ? IfExists::refuse : IfExists::rename, body.size() > 1);
      }
    }
    while (receiver.next_event()) {
    }
    require(receiver.progress().files_total <= chat::kMaxFiles);
  }
  return 0;
}
