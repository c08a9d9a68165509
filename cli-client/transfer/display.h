#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli-client/files/event.h"
#include "cli-client/files/offer_groups.h"
#include "cli-client/files/progress_meter.h"
#include "cli-client/transfer/file_json.h"
#include "cli-client/transfer/report_pace.h"

namespace parley::client {

// Shows a transfer: on a terminal a line that is redrawn in place, else lines now and then (see ReportPace), on
// standard error; for programs a JSON object a line, on standard output. Names and reasons are made safe to show.
class TransferDisplay {
 public:
  enum class Mode { terminal, plain, json };
  using Time = ProgressMeter::Time;

  // What standard error can show, if not JSON is asked for.
  static Mode mode(bool json);

  // `doing`: "sending" or "receiving"; `done`: "sent" or "received".
  TransferDisplay(Mode mode, std::string doing, std::string done);
  TransferDisplay(const TransferDisplay&) = delete;
  TransferDisplay& operator=(const TransferDisplay&) = delete;
  ~TransferDisplay() { clear(); }

  Mode mode() const { return mode_; }
  // Before anything else writes to the terminal: takes the line away; progress() brings it again.
  void clear();
  // A line of its own, for people.
  void say(const std::string& text);
  // Not together with the other side: `how` far from it, a few words, and `why`, which may be empty. On a terminal this
  // stands in the place of the line, until the next or clear().
  void apart(const std::string& how, const std::string& why, Time now);
  // The window has another size: the line is drawn anew by the next of what draws it.
  void resized();
  // The user has ended a line behind the one that stands there.
  void line_was_ended();
  // A question stands on the terminal, and waits for its answer behind it; what else is shown goes below. Whether it
  // still does.
  void ask(const std::string& question);
  bool asks() const { return asks_; }
  void answered() { asks_ = false; }
  // For programs only: people are told on standard error, by whoever calls these.
  void invite(std::string_view text);
  void status(std::string_view state, const std::string& text, const std::string& reason);
  void offered(const OfferGroups::Group& group);
  void show(const FileEvent& event);
  // The other side's user writes; `partner` may be empty.
  void said(const std::string& partner, std::string_view text);
  // As often as one likes: it is drawn when it is due. `current`: the file in question, if there is one.
  void progress(const TransferProgress& progress, const std::string& current, Activity activity, Time now);
  // How far it is, at once, on a line that stays. False: it has not begun.
  bool report(Time now);
  // How it ended, for summary(): see outcome_label(), and "interrupted"; and a sentence of it.
  void ended(std::string outcome, std::string reason) {
    outcome_ = std::move(outcome);
    reason_ = std::move(reason);
  }
  // "sent 3 files, 1.2 GB in 10 s (120 MB/s)", and `where`, " to bob"; and what is missing. Returns the exit status:
  // another one when standard output did not take all that was to be told.
  int summary(const TransferProgress& progress, int exit_status, Time now, const std::string& where = "");

 private:
  void print(const JsonEvent& event);
  void say_start(const TransferProgress& progress);
  void draw(const std::string& line);
  std::string current_name() const;

  const Mode mode_;
  const std::string doing_;
  const std::string done_;
  std::optional<ProgressMeter> meter_;  // since the first file
  std::optional<ReportPace> pace_;      // without a terminal, since then
  std::string current_;                 // what the line names
  std::string line_;                    // drawn last
  bool drawn_ = false;                  // it stands there
  bool asks_ = false;
  std::string only_;  // the name of what is done, if that is one file
  std::uint64_t present_ = 0;
  bool told_declined_ = false;
  std::uint64_t resumed_ = 0;
  std::uint64_t renamed_ = 0;
  int output_error_ = 0;
  std::string outcome_;
  std::string reason_;
};

}  // namespace parley::client
