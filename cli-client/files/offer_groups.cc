#include "cli-client/files/offer_groups.h"

#include <algorithm>
#include <utility>

#include "protocol/chat/safe_name.h"

namespace parley::client {

namespace {

// It would be, if it were to keep its name.
bool is_hidden(std::string_view name) {
  const auto own = chat::safe_path(name, chat::kMaxNameBytes, true);
  return own && own->starts_with('.');
}

}  // namespace

OfferGroups::OfferGroups(std::optional<TargetFolder> folder)
    : all_(folder ? std::make_shared<const TargetFolder>(std::move(*folder)) : nullptr) {}

OfferGroups::Verdict OfferGroups::judge(const chat::Offer& offer) {
  const auto again = std::find_if(again_.begin(), again_.end(), [&offer](const Again& one) {
    return (offer.sha256 || !offer.error.empty()) && one.name == offer.name && one.size == offer.size;
  });
  if (again != again_.end()) {
    Verdict verdict = again->verdict;
    again_.erase(again);
    return verdict;
  }
  if (entries_.empty() || offer.total_files || !covers(entries_.back(), offer)) {
    if (!entries_.empty() && entries_.back().decided) entries_.pop_back();
    Entry& entry = entries_.emplace_back();
    entry.group = {.number = next_++,
                   .name = chat::safe_path(offer.name).value_or("a file with too long a name"),
                   .directory = offer.directory,
                   .files = std::max<std::uint64_t>(offer.total_files.value_or(0), offer.directory ? 0 : 1),
                   .bytes = std::max(offer.total_size.value_or(0), offer.size),
                   .left_out = offer.left_out,
                   .named = offer.named,
                   .hidden = {}};
    entry.files_left = entry.group.files;
    entry.bytes_left = entry.group.bytes;
    entry.decided = all_ != nullptr;
    entry.folder = all_;
  }
  Entry& entry = entries_.back();
  if (!offer.directory) {
    --entry.files_left;
    entry.bytes_left -= offer.size;
  } else if (entry.below.empty() || !offer.name.starts_with(entry.below)) {
    entry.below = offer.name + "/";
  }
  if (!entry.decided) {
    if (entry.group.hidden.empty() && is_hidden(offer.name)) entry.group.hidden = offer.name;
    entry.held.push_back(offer);
  }
  return {entry.group.number, entry.decided, entry.folder};
}

bool OfferGroups::covers(const Entry& entry, const chat::Offer& offer) {
  if (!offer.directory) return entry.files_left > 0 && offer.size <= entry.bytes_left;
  return entry.files_left > 0 || (!entry.below.empty() && offer.name.starts_with(entry.below));
}

void OfferGroups::expect_again(const chat::Offer& offer, std::size_t group,
                               std::shared_ptr<const TargetFolder> folder) {
  // A sender that never comes back to its files loses no more than the answer to them.
  if (again_.size() == chat::kMaxOpenFiles) again_.pop_front();
  again_.push_back({offer.name, offer.size, {group, true, std::move(folder)}});
}

std::size_t OfferGroups::held() const {
  std::size_t sum = 0;
  for (const Entry& entry : entries_) sum += entry.held.size();
  return sum;
}

const OfferGroups::Group* OfferGroups::waiting() const {
  return entries_.empty() || entries_.front().decided ? nullptr : &entries_.front().group;
}

OfferGroups::Decided OfferGroups::decide(std::shared_ptr<const TargetFolder> folder) {
  Entry& entry = entries_.front();
  entry.decided = true;
  entry.folder = std::move(folder);
  Decided decided{{entry.group.number, true, entry.folder}, std::exchange(entry.held, {})};
  if (entries_.size() > 1) entries_.pop_front();
  return decided;
}

void OfferGroups::decline_rest() {
  for (Again& again : again_) again.verdict.folder = nullptr;
  if (!entries_.empty() && entries_.back().decided) entries_.back().folder = nullptr;
}

void OfferGroups::clear() {
  entries_.clear();
  again_.clear();
}

}  // namespace parley::client
