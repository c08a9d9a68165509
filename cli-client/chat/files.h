#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "cli-client/chat/status.h"
#include "cli-client/chat/view.h"
#include "cli-client/engine/engine.h"
#include "cli-client/files/outlet.h"
#include "cli-client/files/progress_meter.h"
#include "cli-client/files/receiver.h"
#include "cli-client/files/sender.h"

namespace parley::client {

// The files of a chat, both ways. Nothing is written without the user's word: an offer waits for accept() or decline(),
// unless the word was given beforehand. What is there to be told goes to the view.
class ChatFiles : public Outlet {
 public:
  // What happens to files that the other side offers.
  struct Policy {
    bool ask = false;                 // a user is there to say what; else they are declined
    std::optional<std::string> into;  // or put into this folder
  };

  // `partner` is its name, as it is at the time. All but the policy are kept by reference.
  ChatFiles(Engine& engine, ChatView& view, const std::string& partner, Policy policy);

  // What the user says. The views are told what comes of it.
  void send(const std::vector<std::string>& paths);
  void accept(const std::string& folder);
  void decline();
  void cancel();

  // An OFFER, ANSWER, CHUNK or DONE; for when it may be acknowledged see FileReceiver::take(). An error is the other
  // side's fault.
  std::error_code take(const chat::Message& message);
  void take(const chat::Comparing& comparing) { sender_.take(comparing); }
  void take(const chat::Acknowledged& acknowledged) { sender_.take(acknowledged); }
  // The other side is a new conversation.
  void restart();
  void pump();
  // Another pump() is wanted at once.
  bool busy() const { return sender_.busy() || receiver_.busy(); }
  std::optional<TimePoint> deadline() const { return receiver_.deadline(); }
  std::uint64_t stored() const { return receiver_.stored(); }
  std::uint64_t to_be_stored() const { return receiver_.to_be_stored(); }
  // Files go to the other side that has taken them: leaving waits for these.
  bool sending() const;
  // The other side is still to be told something about the files that it sent: leaving waits for that, too.
  bool answering() const { return receiver_.has_answers(); }
  // Files are under way, either way.
  bool active() const { return sending() || receiver_.unfinished(); }
  // How far they are, for a status line: good until the next pump().
  std::vector<ChatStatus::Transfer> under_way() const;
  // The same as words; empty without any.
  std::string report() const;
  // It is over: says what has not come, or gone, whole.
  void end();

  bool can_send(chat::Type type, std::size_t body_bytes) override;
  std::uint64_t send(chat::Type type, Bytes body) override;
  void send_comparing(const chat::Comparing& comparing) override;
  bool tells_stored() const override { return engine_.conversation().tells_stored(); }
  void stored(chat::MessageId id) override { engine_.conversation().stored(id); }

 private:
  // What was sent, or offered, at one time.
  struct Group {
    std::string what;  // "photos (12 files, 1.2 GB)"
    std::string into;
    std::uint64_t files = 0;
    std::uint64_t total = 0;  // folders, too
    std::uint64_t done = 0;   // of total
    std::uint64_t failed = 0;
    std::uint64_t folders_failed = 0;  // of failed
    bool taken = false;                // by the other side
    const char* stopped = nullptr;     // by the other side's user, who has done this to it
    bool over() const { return done + failed >= total; }
  };
  // One way.
  struct Way {
    std::map<std::size_t, Group> groups;  // those that are not over
    std::optional<ProgressMeter> meter;
    TransferProgress before;  // as it was when nothing was under way
  };

  std::string partner() const { return name_or(partner_, "the other side"); }
  void hear_offers();
  void tell();
  void tell_sent(const FileEvent& event);
  void tell_received(const FileEvent& event);
  void measure(Way& way, const TransferProgress& progress, Activity activity, bool under_way);

  Engine& engine_;
  ChatView& view_;
  const std::string& partner_;
  const Policy policy_;
  FileSender sender_;
  FileReceiver receiver_;
  Way out_;
  Way in_;
  std::optional<std::size_t> told_offer_;  // the group that the user has been told of last
};

}  // namespace parley::client
