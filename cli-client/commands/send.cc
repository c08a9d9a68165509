#include "cli-client/commands/commands.h"

#include <memory>
#include <string>
#include <vector>

#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/files/source_tree.h"
#include "cli-client/meeting/invites.h"
#include "cli-client/meeting/plan.h"
#include "cli-client/meeting/trust_question.h"
#include "cli-client/transfer/offer_text.h"
#include "cli-client/transfer/sending.h"

namespace parley::client {
namespace {

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

// The invite is among the paths, as the last argument of a list of any length.
void split_invite(SendOptions& options) {
  for (auto path = options.paths.begin(); path != options.paths.end(); ++path) {
    if (stands_for_invite(*path)) {
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
  for (const Skipped& skipped : tree.skipped) {
    TransferDisplay(TransferDisplay::mode(options.json), "sending", "sent")
        .show({.kind = FileEvent::Kind::skipped, .name = skipped.path, .reason = skipped.reason});
  }
  if (options.json) {
    TransferDisplay(TransferDisplay::Mode::json, "sending", "sent").offered(as_group(tree));
  } else {
    say("this is to be sent: " + source_list(tree));
  }
  Signals signals(false);
  for (;;) {
    TransferDisplay display(TransferDisplay::mode(options.json), "sending", "sent");
    TransferSession session(*plan, signals, options.meeting.qr, display, "send");
    Sending send(tree, session, display);
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
