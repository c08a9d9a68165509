#include "cli-client/files/comparison.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "cli-client/files/beneath.h"
#include "cli-client/files/event.h"

namespace parley::client {

tl::expected<Comparison, int> Comparison::start(const Place& place, std::uint64_t size) {
  auto file = open_beneath(place.folder.get(), place.leaf, O_RDONLY | O_NONBLOCK);
  if (!file) return tl::unexpected(file.error());
  return Comparison(std::move(*file), size);
}

bool Comparison::step() {
  Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(size_ - position_, kHashStepBytes)));
  const ssize_t count = ::pread(file_.get(), buffer.data(), buffer.size(), static_cast<off_t>(position_));
  if (count <= 0) return true;
  digest_.update(std::span(buffer).first(static_cast<std::size_t>(count)));
  position_ += static_cast<std::uint64_t>(count);
  return position_ == size_;
}

void ComparisonsAhead::add(const chat::Offer& offer, FileId id, Comparison comparison) {
  drop(offer.name);
  if (files_.size() == chat::kMaxOpenFiles) files_.pop_front();
  files_.push_back({offer.name, id, std::move(comparison)});
}

std::optional<Comparison> ComparisonsAhead::take(const chat::Offer& offer, FileId id) {
  const auto found = std::ranges::find(files_, offer.name, &Ahead::name);
  if (found == files_.end()) return std::nullopt;
  std::optional<Comparison> taken;
  if (found->id == id) taken = std::move(found->comparison);
  files_.erase(found);
  return taken;
}

void ComparisonsAhead::drop(const std::string& name) {
  std::erase_if(files_, [&name](const Ahead& one) { return one.name == name; });
}

const std::string* ComparisonsAhead::step() {
  const auto next = std::ranges::find(files_, false, &Ahead::through);
  if (next == files_.end()) return nullptr;
  next->through = next->comparison.step();
  return &next->name;
}

bool ComparisonsAhead::busy() const { return std::ranges::find(files_, false, &Ahead::through) != files_.end(); }

std::uint64_t ComparisonsAhead::read() const {
  std::uint64_t sum = 0;
  for (const Ahead& one : files_) sum += one.comparison.position();
  return sum;
}

}  // namespace parley::client
