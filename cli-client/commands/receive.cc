#include "cli-client/commands/commands.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/commands/command_line.h"
#include "cli-client/commands/shared_options.h"
#include "cli-client/meeting/plan.h"
#include "cli-client/meeting/trust_question.h"
#include "cli-client/terminal/screen.h"
#include "cli-client/transfer/receiving.h"

namespace parley::client {
namespace {

constexpr const char* kReceiveFooter =
    R"(Examples:
  parley receive                         ask for the invite, put the files here
                                         (Enter alone: make one, when a relay
                                         is set)
  parley receive --into ~/Downloads      into another folder
On a terminal you are asked whether you want what comes (--yes: no question).
A file of the same name is kept, unless you say otherwise when asked (on a
terminal) or by --overwrite or --rename; one that is the same is not sent again.
What was interrupted is kept as NAME.parley-part and goes on when both sides are
started again.)";

struct ReceiveOptions {
  MeetingOptions meeting;
  std::string into = ".";
  bool overwrite = false;
  bool rename = false;
  bool yes = false;
  bool keep_names = false;
  bool json = false;

  IfExists if_exists() const {
    if (overwrite) return IfExists::overwrite;
    if (rename) return IfExists::rename;
    return !json && user_can_be_asked() ? IfExists::ask : IfExists::refuse;
  }
};

// For people: "." says little in a question.
std::string full_path(const std::string& folder) {
  std::error_code error;
  auto path = std::filesystem::canonical(folder, error);
  return error ? folder : path.string();
}

int run_receive(ReceiveOptions options, const Given& given, const std::string& again) {
  const auto refuse = [&options](ExitStatus status, const std::string& text) {
    say(text);
    TransferDisplay display(TransferDisplay::mode(options.json), "receiving", "received");
    display.ended(outcome_label(Outcome::Kind::failed), text);
    return display.summary({}, static_cast<int>(status), Engine::Clock::now());
  };
  // Who receives has been given an invite, as a rule: PARLEY_RELAY alone does not say that a new one is wanted.
  MeetingOptions& meeting = options.meeting;
  const bool says_where = !meeting.relay.relay.empty() || !meeting.room.empty();
  if (meeting.invite.empty() && meeting.invite_file.empty() && !says_where) {
    const bool has_relay = !meeting.relay_for_new_invite(given.settings).empty();
    if (!has_relay || (!options.json && user_can_be_asked())) meeting.invite = "-";
    meeting.or_new_invite = has_relay;
  }
  auto plan = make_plan(meeting, given, kComeBackWithin);
  if (!plan) return refuse(plan.error().status, plan.error().text);
  Signals signals(false);
  for (;;) {
    using Names = TargetFolder::Names;
    auto folder = TargetFolder::open(options.into, options.keep_names ? Names::own : Names::safe);
    if (!folder) return refuse(ExitStatus::failed, escape(folder.error()));
    Intake intake{.folder = std::make_shared<const TargetFolder>(std::move(*folder)),
                  .path = full_path(options.into),
                  .asks = !options.yes && !options.json && user_can_be_asked(),
                  .if_exists = options.if_exists()};
    TransferDisplay display(TransferDisplay::mode(options.json), "receiving", "received");
    TransferSession session(*plan, signals, options.meeting.qr, display, chat::Purpose::receive, {again, given.invite});
    Receiving receive(std::move(intake), session, display);
    receive.run();
    if (!trust_after_asking(*plan, session.loop().outcome())) return receive.finish();
  }
}

}  // namespace

void add_receive_command(CLI::App& app, const Given& given, std::function<int()>& run) {
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
  command->add_flag("--keep-names", options->keep_names,
                    "Let files keep a dot at the beginning of their name, which hides them");
  command->add_flag("--yes,-y", options->yes, "Take what comes without a question, also on a terminal");
  command->add_flag("--json", options->json, "Tell what happens as lines of JSON on standard output");
  command->footer(kReceiveFooter);
  command->callback([command, options, &given, &run] {
    run = [command, options, &given] { return run_receive(*options, given, command_line(*command)); };
  });
}

}  // namespace parley::client
