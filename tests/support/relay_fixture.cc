#include "tests/support/relay_fixture.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace parley::test {

void RelayPeer::send(relay::FrameType type, std::string_view payload) {
  connection->peer_sends(relay::to_frame(type, std::as_bytes(std::span(payload))));
}

void RelayPeer::hello(std::string room) {
  const std::string frame = relay::to_frame(relay::Hello{.room = std::move(room)});
  connection->peer_sends(frame);
}

std::vector<RelayPeer::Frame> RelayPeer::take() {
  const auto bytes = connection->peer_takes();
  partial_.insert(partial_.end(), bytes.begin(), bytes.end());
  relay::FrameReader reader(partial_, relay::Sender::relay);
  std::vector<Frame> frames;
  for (;;) {
    const auto frame = reader.next();
    if (!frame) throw std::runtime_error("the relay sent " + frame.error().message());
    if (!*frame) break;
    const auto payload = (*frame)->payload();
    frames.push_back({(*frame)->type, {reinterpret_cast<const char*>(payload.data()), payload.size()}});
  }
  partial_.erase(partial_.begin(), partial_.begin() + static_cast<std::ptrdiff_t>(reader.consumed()));
  return frames;
}

std::vector<std::string> RelayPeer::take_messages() {
  std::vector<std::string> messages;
  for (Frame& frame : take()) {
    if (frame.type != relay::FrameType::data) throw std::runtime_error("not DATA: " + frame.payload);
    messages.push_back(std::move(frame.payload));
  }
  return messages;
}

std::shared_ptr<const Credentials> test_credentials() {
  static const auto credentials = [] {
    std::string directory = (std::filesystem::temp_directory_path() / "parley-XXXXXX").string();
    if (::mkdtemp(directory.data()) == nullptr) throw std::runtime_error("no directory for a certificate");
    RelaySettings settings;
    settings.self_signed = directory;
    auto loaded = load_credentials(settings, nullptr);
    std::filesystem::remove_all(directory);
    if (!loaded) throw std::runtime_error(loaded.error());
    return *loaded;
  }();
  return credentials;
}

std::unique_ptr<RelayLeg> make_leg(FakeShard& shard, const RelayPeer& peer) {
  static std::uint64_t next_id = 1;
  RelayState state;
  state.info.id = LegId{next_id++};
  state.info.connected_at = shard.clock.now();
  state.credentials = test_credentials();
  return std::make_unique<RelayLeg>(shard.context, std::make_unique<MemoryStream>(peer.connection), std::move(state));
}

}  // namespace parley::test
