#include "cli-client/commands/commands.h"

#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>

#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/files/quantity.h"
#include "cli-client/files/receiver.h"
#include "cli-client/meeting/options.h"
#include "cli-client/transfer/session.h"

namespace parley::client {
namespace {

constexpr const char* kReceiveFooter =
    R"(Examples:
  parley receive                                 ask for the invite, put the files here
  parley receive --into ~/Downloads parley://... into another folder
A file of the same name is kept, unless you say otherwise when asked (on a
terminal) or by --overwrite or --rename; one that is the same is not sent again.
What was interrupted is kept as NAME.parley-part and goes on when both sides are
started again.)";

struct ReceiveOptions {
  MeetingOptions meeting;
  std::string into = ".";
  bool overwrite = false;
  bool rename = false;
  bool json = false;

  IfExists if_exists() const {
    if (overwrite) return IfExists::overwrite;
    if (rename) return IfExists::rename;
    return !json && ::isatty(STDIN_FILENO) && ::isatty(STDERR_FILENO) ? IfExists::ask : IfExists::refuse;
  }
};

class Receive {
 public:
  Receive(TargetFolder folder, IfExists if_exists, TransferSession& session, TransferDisplay& display)
      : receiver_(std::move(folder), if_exists), session_(session), display_(display) {}

  void run() {
    while (!session_.loop().over()) {
      take_events();
      session_.tell();
      show();
      const bool asking = ask();
      if (session_.wait(receiver_.busy(), asking ? STDIN_FILENO : -1)) read_decision();
    }
    take_events();
    show();
  }

  // Says how it ended; returns the exit status.
  int finish() {
    const bool complete = said_bye_ && !receiver_.unfinished();
    const TransferProgress& progress = receiver_.progress();
    const std::uint64_t settled = progress.files_done + progress.files_failed;
    const bool left_out = complete && settled < progress.files_total;
    if (left_out) {
      display_.clear();
      say("the other side left out " + count_text(progress.files_total - settled, "file", "files") +
          " of those it had announced");
    }
    const int status = session_.end(complete, failed_ || left_out);
    return display_.summary(progress, status, Engine::Clock::now());
  }

 private:
  void take_events() {
    std::optional<chat::MessageId> last;
    while (const auto event = session_.next_event()) {
      if (const auto* message = std::get_if<chat::Message>(&*event)) {
        take(*message);
        last = message->id;
      } else if (std::holds_alternative<chat::Restarted>(*event)) {
        receiver_.restart();
        failed_ = false;
        said_bye_ = false;
        last.reset();
      }
    }
    receiver_.pump(session_);
    // Behind the last answer: which files came right after all is known then.
    if (said_bye_ && !receiver_.has_answers()) session_.loop().conversation().finish();
    if (last) session_.loop().taken(*last);
  }

  void take(const chat::Message& message) {
    if (!said_bye_ && message.type == chat::Type::bye) {
      said_bye_ = true;
    } else if (chat::is_of_file(message.type) && message.type != chat::Type::answer) {
      if (const auto error = receiver_.take(message.type, message.body)) {
        session_.fail("the other side made no sense: " + error.message());
      }
    } else {
      session_.fail("the other side does not run parley send");
    }
  }

  void show() {
    while (const auto event = receiver_.next_event()) {
      failed_ = failed_ || event->kind == FileEvent::Kind::failed;
      display_.show(*event);
    }
    if (session_.loop().engine().link().state == Link::State::together && !display_.asks()) {
      display_.progress(receiver_.progress(), receiver_.current(), Engine::Clock::now());
    }
  }

  // True while an answer is waited for.
  bool ask() {
    const auto question = receiver_.question();
    if (!question) {
      display_.answered();
      return false;
    }
    if (display_.asks() && asked_ == question->file) return true;
    asked_ = question->file;
    const std::string there = question->occupant.kind == Occupant::Kind::file
                                  ? " is here already (" + size_text(question->occupant.size) + "), and different from"
                                  : " is here already, and no file; it is not";
    display_.ask(escape(question->name) + there + " what comes (" + size_text(question->size) +
                 ").\n[s]kip it, [o]verwrite, or [r]ename what comes; S, O or R: all such? ");
    return true;
  }

  // A line from the terminal. Its end skips all.
  void read_decision() {
    char line[64] = "";
    const ssize_t count = ::read(STDIN_FILENO, line, sizeof line);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    const char key = count > 0 ? line[0] : 'S';
    display_.answered();  // asked again, if it was none of them
    const bool all = key == 'S' || key == 'O' || key == 'R';
    if (key == 's' || key == 'S') receiver_.decide(asked_, IfExists::refuse, all);
    if (key == 'o' || key == 'O') receiver_.decide(asked_, IfExists::overwrite, all);
    if (key == 'r' || key == 'R') receiver_.decide(asked_, IfExists::rename, all);
  }

  FileReceiver receiver_;
  TransferSession& session_;
  TransferDisplay& display_;
  std::uint32_t asked_ = 0;  // the file of the question
  bool said_bye_ = false;    // the other side
  bool failed_ = false;
};

int run_receive(ReceiveOptions options, const std::optional<SecretText>& given) {
  const auto refuse = [&options](ExitStatus status, const std::string& text) {
    say(text);
    TransferDisplay display(TransferDisplay::mode(options.json), "receiving", "received");
    return display.summary({}, static_cast<int>(status), Engine::Clock::now());
  };
  // Who receives has been given an invite, as a rule.
  MeetingOptions& meeting = options.meeting;
  if (meeting.invite.empty() && meeting.invite_file.empty() && meeting.room.empty() &&
      relay_for_new_invite(meeting).empty()) {
    meeting.invite = "-";
  }
  auto plan = make_plan(meeting, given, kComeBackWithin);
  if (!plan) return refuse(plan.error().status, plan.error().text);
  Signals signals(false);
  for (;;) {
    auto folder = TargetFolder::open(options.into);
    if (!folder) return refuse(ExitStatus::failed, escape(folder.error()));
    TransferDisplay display(TransferDisplay::mode(options.json), "receiving", "received");
    TransferSession session(*plan, signals, options.meeting.qr, display, "receive");
    Receive receive(std::move(*folder), options.if_exists(), session, display);
    receive.run();
    if (!trust_after_asking(*plan, session.loop().outcome())) return receive.finish();
  }
}

}  // namespace

void add_receive_command(CLI::App& app, const std::optional<SecretText>& given, std::function<int()>& run) {
  CLI::App* command =
      app.add_subcommand("receive", "Receive what the other side sends with parley send, into this folder.");
  const auto options = std::make_shared<ReceiveOptions>();
  add_meeting_options(*command, options->meeting);
  command->add_option("--into", options->into, "The folder to put it into; nothing is written outside it")
      ->type_name("FOLDER")
      ->capture_default_str();
  auto* overwrite =
      command->add_flag("--overwrite", options->overwrite, "Put files in the place of those of their name");
  command->add_flag("--rename", options->rename, "Give files whose name is taken another: \"report (1).pdf\"")
      ->excludes(overwrite);
  command->add_flag("--json", options->json, "Tell what happens as lines of JSON on standard output");
  command->footer(kReceiveFooter);
  command->callback([options, &given, &run] { run = [options, &given] { return run_receive(*options, given); }; });
}

}  // namespace parley::client
