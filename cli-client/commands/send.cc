#include "cli-client/commands/commands.h"

#include <memory>
#include <string>
#include <vector>

#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/files/sender.h"
#include "cli-client/files/source_tree.h"
#include "cli-client/meeting/options.h"
#include "cli-client/transfer/session.h"

namespace parley::client {
namespace {

constexpr std::string_view kInviteScheme = "parley://";
constexpr const char* kSendFooter =
    R"(Examples:
  parley send report.pdf --relay relay.example.org    make an invite, show it, send
  parley send photos/ notes.txt parley://...          send to whoever made the invite
A transfer that was interrupted goes on when both sides are started again.)";

struct SendOptions {
  MeetingOptions meeting;
  std::vector<std::string> paths;
  bool json = false;
};

class Send {
 public:
  Send(const SourceTree& tree, TransferSession& session, TransferDisplay& display)
      : session_(session), display_(display) {
    sender_.add(tree);
  }

  void run() {
    while (!session_.loop().over()) {
      take_events();
      sender_.pump(session_);
      if (other_left_ && sender_.awaits_answers()) session_.fail("the other side has left, and takes no more files");
      if (sender_.finished() && !finishing_) {
        finishing_ = true;
        session_.loop().conversation().finish();
      }
      show();
      session_.wait(sender_.busy());
    }
    take_events();
    show();
  }

  // Says how it ended; returns the exit status.
  int finish() {
    const TransferProgress& progress = sender_.progress();
    const int status = session_.end(sender_.finished(), failed_);
    return display_.summary(progress, status, Engine::Clock::now());
  }

 private:
  void take_events() {
    while (const auto event = session_.next_event()) {
      if (const auto* message = std::get_if<chat::Message>(&*event)) {
        take(*message);
      } else if (const auto* acknowledged = std::get_if<chat::Acknowledged>(&*event)) {
        sender_.acknowledged(acknowledged->sequence);
      } else {
        sender_.restart();
        other_left_ = false;
      }
    }
  }

  void take(const chat::Message& message) {
    if (message.type == chat::Type::answer) {
      if (const auto error = sender_.take(message.body))
        session_.fail("the other side made no sense: " + error.message());
    } else if (message.type == chat::Type::bye) {
      other_left_ = true;
    } else {
      session_.fail("the other side does not run parley receive");
    }
    session_.loop().taken(message.id);
  }

  void show() {
    while (const auto event = sender_.next_event()) {
      failed_ = failed_ || event->kind == FileEvent::Kind::failed;
      display_.show(*event);
    }
    if (session_.loop().engine().link().state == Link::State::together) {
      display_.progress(sender_.progress(), sender_.current(), Engine::Clock::now());
    }
  }

  FileSender sender_;
  TransferSession& session_;
  TransferDisplay& display_;
  bool finishing_ = false;
  bool other_left_ = false;  // by its BYE, which is the last from it
  bool failed_ = false;
};

// The invite is among the paths, as the last argument of a list of any length.
void split_invite(SendOptions& options) {
  for (auto path = options.paths.begin(); path != options.paths.end(); ++path) {
    if (path->starts_with(kInviteScheme) || *path == "-") {
      options.meeting.invite = *path;
      options.paths.erase(path);
      return;
    }
  }
}

int run_send(SendOptions options, const std::optional<SecretText>& given) {
  split_invite(options);
  const auto refuse = [&options](ExitStatus status, const std::string& text) {
    say(text);
    TransferDisplay display(TransferDisplay::mode(options.json), "sending", "sent");
    return display.summary({}, static_cast<int>(status), Engine::Clock::now());
  };
  if (options.paths.empty()) return refuse(ExitStatus::usage, "which files? Name them, or folders");
  auto plan = make_plan(options.meeting, given, kComeBackWithin);
  if (!plan) return refuse(plan.error().status, plan.error().text);
  const SourceTree tree = find_sources(options.paths);
  if (!tree.error.empty()) return refuse(ExitStatus::failed, escape(tree.error));
  for (const std::string& skipped : tree.skipped) say("not sent: " + escape(skipped));
  Signals signals(false);
  for (;;) {
    TransferDisplay display(TransferDisplay::mode(options.json), "sending", "sent");
    TransferSession session(*plan, signals, options.meeting.qr, display, "send");
    Send send(tree, session, display);
    send.run();
    if (!trust_after_asking(*plan, session.loop().outcome())) return send.finish();
  }
}

}  // namespace

void add_send_command(CLI::App& app, const std::optional<SecretText>& given, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand("send",
                                         "Send files and folders to the other side, which runs parley receive;\n"
                                         "encrypted end to end, checked by SHA-256.");
  const auto options = std::make_shared<SendOptions>();
  add_meeting_options(*command, options->meeting);
  command->remove_option(command->get_option("invite"));
  command
      ->add_option("path", options->paths,
                   "Files and folders, and the INVITE that the other side has made (- reads it from\n"
                   "standard input, or asks for it). Without one, a new invite is made and shown")
      ->required()
      ->type_name("PATH... [INVITE]");
  command->add_flag("--json", options->json, "Tell what happens as lines of JSON on standard output");
  command->footer(kSendFooter);
  command->callback([options, &given, &run] { run = [options, &given] { return run_send(*options, given); }; });
}

}  // namespace parley::client
