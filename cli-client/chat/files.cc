#include "cli-client/chat/files.h"

#include <algorithm>
#include <utility>

#include "cli-client/base/clock.h"
#include "cli-client/base/escape.h"
#include "cli-client/files/quantity.h"
#include "cli-client/files/source_tree.h"
#include "cli-client/transfer/offer_text.h"
#include "cli-client/transfer/progress_text.h"

namespace parley::client {
namespace {

constexpr const char* kTakesNone = "this chat takes no files";
constexpr std::chrono::milliseconds kReportEvery{1000};  // to programs
// Of the files of a group that could not be sent, so many are named one by one.
constexpr std::uint64_t kFailuresNamed = 5;

std::uint64_t less(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

TransferProgress since(const TransferProgress& now, const TransferProgress& before) {
  return {.files_done = less(now.files_done, before.files_done),
          .files_failed = less(now.files_failed, before.files_failed),
          .folders_failed = less(now.folders_failed, before.folders_failed),
          .left_out = less(now.left_out, before.left_out),
          .files_total = less(now.files_total, before.files_total),
          .bytes_done = less(now.bytes_done, before.bytes_done),
          .bytes_total = less(now.bytes_total, before.bytes_total),
          .bytes_moved = less(now.bytes_moved, before.bytes_moved),
          .bytes_compared = less(now.bytes_compared, before.bytes_compared)};
}

}  // namespace

ChatFiles::ChatFiles(Engine& engine, ChatView& view, const std::string& partner, Policy policy)
    : engine_(engine),
      view_(view),
      partner_(partner),
      policy_(std::move(policy)),
      receiver_(std::nullopt, IfExists::rename) {}

bool ChatFiles::can_send(chat::Type type, std::size_t body_bytes) {
  return engine_.conversation().can_send(type, body_bytes);
}

std::uint64_t ChatFiles::send(chat::Type type, Bytes body) {
  return engine_.conversation().send(type, std::move(body));
}

void ChatFiles::send_comparing(const chat::Comparing& comparing) { engine_.conversation().send_comparing(comparing); }

void ChatFiles::send(const std::vector<std::string>& paths) {
  const SourceTree tree = find_sources(paths);
  if (!tree.error.empty()) return view_.note("nothing is sent: " + escape(tree.error));
  for (const Skipped& skipped : tree.skipped) view_.note("not sent: " + escape(skipped.path + " " + skipped.reason));
  if (tree.sources.empty()) return;
  Group& group = out_.groups[sender_.add(tree)];
  group.what = offer_text(tree);
  group.files = tree.files();
  group.total = tree.sources.size();
  view_.note(group.what + " is offered to " + partner());
}

void ChatFiles::accept(const std::string& folder) {
  const OfferGroups::Group* offered = receiver_.offered();
  if (offered == nullptr) return view_.note("nothing is offered");
  auto target = TargetFolder::open(folder);
  if (!target) return view_.note(escape(target.error()));
  Group& group = in_.groups[offered->number];
  group.what = offer_text(*offered);
  group.into = folder;
  group.files = group.total = offered->files;
  view_.note("receiving " + group.what + " into " + escape(folder));
  receiver_.accept(std::make_shared<const TargetFolder>(std::move(*target)));
}

void ChatFiles::decline() {
  const OfferGroups::Group* offered = receiver_.offered();
  if (offered == nullptr) return view_.note("nothing is offered");
  view_.note("declined: " + offer_text(*offered));
  receiver_.decline(kDeclined);
}

void ChatFiles::cancel() {
  if (out_.groups.empty() && !receiver_.unfinished()) return view_.note("no files are under way");
  for (Way* way : {&out_, &in_}) {
    for (const auto& [number, group] : std::exchange(way->groups, {})) view_.note("you cancelled " + group.what);
  }
  sender_.cancel();
  receiver_.cancel();
}

std::error_code ChatFiles::take(const chat::Message& message) {
  if (message.type == chat::Type::answer) return sender_.take(message.body);
  const auto error = receiver_.take(message.type, message.id, message.body);
  if (!error) hear_offers();
  return error;
}

// Those that need no user are decided here.
void ChatFiles::hear_offers() {
  while (const OfferGroups::Group* offered = receiver_.offered()) {
    if (offered->number == told_offer_) return;
    told_offer_ = offered->number;
    view_.offered(*offered);
    const std::string left_out = left_out_text(offered->left_out);
    const std::string what = offer_text(*offered) + (left_out.empty() ? "" : ", " + left_out);
    if (policy_.into) {
      view_.note(partner() + " sends " + what);
      accept(*policy_.into);
      const OfferGroups::Group* left = receiver_.offered();
      if (left != nullptr && left->number == told_offer_) receiver_.decline("cannot be put anywhere there");
    } else if (policy_.ask) {
      view_.note(partner() + " offers " + what + ": /accept, /accept FOLDER or /decline");
    } else {
      view_.note(partner() + " offered " + what + ", which was declined; --accept-files FOLDER takes files");
      receiver_.decline(kTakesNone);
    }
  }
}

void ChatFiles::restart() {
  sender_.restart();
  receiver_.restart();
  in_ = {};
  for (auto& [number, group] : out_.groups) group.taken = false;
}

void ChatFiles::pump() {
  receiver_.pump(*this, Clock::now());
  sender_.pump(*this);
  hear_offers();
  tell();
}

bool ChatFiles::sending() const {
  return std::any_of(out_.groups.begin(), out_.groups.end(), [](const auto& one) { return one.second.taken; });
}

void ChatFiles::tell() {
  while (const auto event = sender_.next_event()) tell_sent(*event);
  while (const auto event = receiver_.next_event()) tell_received(*event);
  measure(out_, sender_.progress(), sender_.activity(), sending());
  measure(in_, receiver_.progress(), receiver_.activity(), receiver_.unfinished());
}

void ChatFiles::tell_sent(const FileEvent& event) {
  view_.file(event, false);
  const auto found = out_.groups.find(event.group);
  // Of a group that is over only what was wrong with it after all.
  Group late;
  Group& group = found == out_.groups.end() ? late : found->second;
  group.folders_failed += event.kind == FileEvent::Kind::failed && event.directory ? 1 : 0;
  if (event.kind != FileEvent::Kind::failed) {
    group.taken = true;
    if (event.kind == FileEvent::Kind::started) return;
    ++group.done;
  } else if (event.other_side && (event.reason == kDeclined || event.reason == kCancelled)) {
    ++group.failed;
    group.stopped = event.reason == kDeclined ? "declined" : "cancelled";
  } else if (++group.failed <= kFailuresNamed && (event.other_side || event.reason != kCancelled)) {
    view_.note(escape(event.name) + " was not sent" +
               (event.other_side ? "; " + partner() + "'s side says: " : ": it ") + escape(event.reason));
  }
  if (found == out_.groups.end()) return;
  if (!group.over()) return;
  if (group.stopped != nullptr) {
    view_.note(partner() + " " + group.stopped + " " + group.what);
  } else if (group.failed == 0) {
    view_.note(partner() + " has " + group.what);
  } else if (group.total > 1 && group.failed > group.folders_failed) {
    view_.note(group.what + ": " + std::to_string(group.failed - group.folders_failed) + " of " +
               count_text(group.files, "file", "files") + " not sent");
  }
  out_.groups.erase(found);
}

void ChatFiles::tell_received(const FileEvent& event) {
  view_.file(event, true);
  const auto found = in_.groups.find(event.group);
  if (found == in_.groups.end()) return;  // a folder behind the last file of its group
  Group& group = found->second;
  if (event.kind == FileEvent::Kind::failed && event.other_side && event.reason == kCancelled) {
    view_.note(partner() + " cancelled " + group.what);
    in_.groups.erase(found);
    return;
  }
  if (event.kind == FileEvent::Kind::failed) {
    // A folder is none of the files that the group has, but is named.
    group.failed += event.directory ? 0 : 1;
    if (group.failed <= kFailuresNamed) {
      view_.note(escape(event.name) + " was not received" +
                 (event.other_side ? "; " + partner() + "'s side says: it " : ": ") + escape(event.reason));
    }
  } else if (event.kind == FileEvent::Kind::started) {
    if (event.offset > 0) {
      view_.note("going on with " + escape(event.name) + " after " + size_text(event.offset) + " of " +
                 size_text(event.size));
    }
    return;
  } else if (!event.directory) {
    ++group.done;
  }
  if (!group.over()) return;
  const std::string place = group.into == "." ? "" : " in " + escape(group.into);
  if (group.failed > 0 && group.files > 1) {
    view_.note(group.what + ": " + std::to_string(group.failed) + " of " + count_text(group.files, "file", "files") +
               " not received");
  } else if (group.failed == 0) {
    view_.note((group.files == 1 && !event.directory ? escape(event.name) : group.what) +
               (event.kind == FileEvent::Kind::present ? " was here already" : " is here") + place);
  }
  in_.groups.erase(found);
}

void ChatFiles::measure(Way& way, const TransferProgress& progress, Activity activity, bool under_way) {
  if (!under_way) {
    way.meter.reset();
    if (way.groups.empty()) way.before = progress;
    return;
  }
  const auto now = Clock::now();
  if (!way.meter) way.meter.emplace(now, kReportEvery);
  if (engine_.link().state != Link::State::together) return way.meter->pause(now);
  way.meter->update(since(progress, way.before), now, activity);
  if (!way.meter->due(now)) return;
  way.meter->drawn(now);
  view_.progress(*way.meter, now, &way == &in_);
}

std::vector<ChatStatus::Transfer> ChatFiles::under_way() const {
  std::vector<ChatStatus::Transfer> transfers;
  if (out_.meter) transfers.push_back({false, &*out_.meter, escape(sender_.current())});
  if (in_.meter) transfers.push_back({true, &*in_.meter, escape(receiver_.current())});
  return transfers;
}

std::string ChatFiles::report() const {
  std::string text;
  for (const ChatStatus::Transfer& one : under_way()) {
    text += (text.empty() ? "" : "; ") + std::string(one.doing()) + " " +
            progress_report(*one.meter, Clock::now(), one.name);
  }
  return text;
}

void ChatFiles::end() {
  receiver_.end();
  tell();
  for (const auto& [number, group] : out_.groups) {
    view_.note(group.what + (group.taken ? " did not get there whole" : " was not taken by the other side"));
  }
  for (const auto& [number, group] : in_.groups) {
    view_.note(group.what + " has not come whole; " +
               (receiver_.unfinished()
                    ? "what came is kept, ending in " + std::string(kPartEnding) + ", and goes on when it is sent again"
                    : "have it sent again for the rest"));
  }
}

}  // namespace parley::client
