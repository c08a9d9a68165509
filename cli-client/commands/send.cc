#include "cli-client/commands/commands.h"

#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/commands/command_line.h"
#include "cli-client/commands/shared_options.h"
#include "cli-client/files/given_content.h"
#include "cli-client/files/source_tree.h"
#include "cli-client/meeting/invites.h"
#include "cli-client/meeting/plan.h"
#include "cli-client/meeting/trust_question.h"
#include "cli-client/transfer/offer_text.h"
#include "cli-client/transfer/sending.h"

namespace parley::client {
namespace {

constexpr const char* kTextName = "text.txt";

constexpr const char* kSendFooter =
    R"(Examples:
  parley send report.pdf --relay HOST           make an invite, show it, send
  parley send photos/ notes.txt parley://...    send to whoever made the invite
  parley send --text 'see you at 8'             send a text as a file
  pg_dump db | parley send - --as db.sql        send what a program writes
A transfer that was interrupted goes on when both sides are started again.)";

struct SendOptions {
  MeetingOptions meeting;
  std::vector<std::string> paths;
  std::optional<std::string> text;
  std::string as;
  bool times = false;
  bool json = false;
};

// With --as, and no text to be called so, - among the paths stands for standard input; else for an invite from there.
bool split_input(SendOptions& options) {
  return !options.as.empty() && !options.text && std::erase(options.paths, "-") > 0;
}

// What is to be sent, in the order of the options: what is no file comes first. The error is a sentence.
tl::expected<SourceTree, std::string> sources(const SendOptions& options, bool from_input) {
  SourceTree tree = find_sources(options.paths);
  if (!tree.error.empty()) return tl::unexpected(tree.error);
  if (!options.text && !from_input) return tree;
  auto content = options.text ? content_of(std::string_view(*options.text)) : content_of(STDIN_FILENO);
  if (!content) return tl::unexpected(content.error());
  auto source = source_of(std::move(*content), options.as.empty() ? kTextName : options.as);
  if (!source) return tl::unexpected(source.error());
  tree.sources.insert(tree.sources.begin(), std::move(*source));
  return tree;
}

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

int run_send(SendOptions options, const Given& given, const std::string& again) {
  const bool from_input = split_input(options);
  split_invite(options);
  const auto refuse = [&options](ExitStatus status, const std::string& text) {
    say(text);
    TransferDisplay display(TransferDisplay::mode(options.json), "sending", "sent");
    display.ended(outcome_label(Outcome::Kind::failed), text);
    return display.summary({}, static_cast<int>(status), Engine::Clock::now());
  };
  if (options.paths.empty() && !options.text && !from_input) {
    return refuse(ExitStatus::usage,
                  "which files? Name them, or folders; --text sends a text, - with --as NAME what comes "
                  "on standard input");
  }
  if (!options.as.empty() && !options.text && !from_input) {
    return refuse(ExitStatus::usage, "--as names what - or --text sends; files keep their own names");
  }
  auto plan = make_plan(options.meeting, given, kComeBackWithin);
  if (!plan) return refuse(plan.error().status, plan.error().text);
  const auto found = sources(options, from_input);
  if (!found) return refuse(ExitStatus::failed, escape(found.error()));
  const SourceTree& tree = *found;
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
    TransferSession session(*plan, signals, options.meeting.qr, display, chat::Purpose::send, {again, given.invite});
    Sending send(tree, options.times, session, display);
    send.run();
    if (!trust_after_asking(*plan, session.loop().outcome())) return send.finish();
  }
}

}  // namespace

void add_send_command(CLI::App& app, const Given& given, std::function<int()>& run) {
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
      ->type_name("PATH... [INVITE]");
  command->add_option("--text", options->text, "Send these words, as a file text.txt")->type_name("WORDS");
  command->add_option("--as", options->as, "What --text is called there; with it, - sends standard input by this name")
      ->type_name("NAME");
  command->add_flag("--times", options->times, "Let files keep the time when they were modified, which tells it");
  command->add_flag("--json", options->json, "Tell what happens as lines of JSON on standard output");
  command->footer(kSendFooter);
  command->callback([command, options, &given, &run] {
    run = [command, options, &given] { return run_send(*options, given, command_line(*command)); };
  });
}

}  // namespace parley::client
