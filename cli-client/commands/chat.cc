#include "cli-client/commands/commands.h"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cli-client/base/escape.h"
#include "cli-client/base/say.h"
#include "cli-client/base/standard_output.h"
#include "cli-client/base/time_option.h"
#include "cli-client/chat/json_input.h"
#include "cli-client/chat/json_view.h"
#include "cli-client/chat/pipe.h"
#include "cli-client/chat/plain_view.h"
#include "cli-client/chat/terminal.h"
#include "cli-client/commands/one_of.h"
#include "cli-client/commands/shared_options.h"
#include "cli-client/meeting/plan.h"
#include "cli-client/meeting/trust_question.h"
#include "cli-client/settings/bell.h"
#include "cli-client/terminal/screen.h"

namespace parley::client {
namespace {

constexpr const char* kChatExamples =
    R"(Examples:
  parley chat --relay relay.example.org     make an invite, show it, wait
  parley chat 'parley://...'                talk to whoever made it
  parley chat --name alice --bell always    with a relay that is set for good
  echo done | parley chat 'parley://...'    say a line, and leave)";

struct ChatArguments {
  MeetingOptions meeting;
  std::string bell = "idle";
  std::string linger = "2s";
  std::string accept_files;
  std::string into = ".";
  bool json = false;
  bool json_input = false;
  bool raw = false;
};

// `can_be_asked`: by a question, or an event.
ChatFiles::Policy policy_of(const ChatArguments& arguments, bool can_be_asked) {
  ChatFiles::Policy policy{.ask = can_be_asked, .into = std::nullopt};
  if (!arguments.accept_files.empty()) policy.into = arguments.accept_files;
  return policy;
}

// What is to be said at the end comes behind the question for trust.
std::function<int()> run_in_pipe(const ChatArguments& arguments, ConversationLoop& loop) {
  const Linger linger{parse_time(arguments.linger).value()};
  if (arguments.json) {
    const auto view = std::make_shared<JsonView>();
    Chat chat(loop, *view, policy_of(arguments, arguments.json_input));
    JsonInput input(chat, *view);
    const ChatEnd end = !arguments.json_input
                            ? run_chat_in_pipe(chat, linger)
                            : run_chat_in_pipe(chat, linger, JsonInput::kMaxLineBytes,
                                               [&input](const std::string& line) { input.obey(line); });
    return [view, end] {
      view->ended(end);
      if (!is_output_failure(view->output_error())) return end.status;
      say_output_failure(view->output_error());
      return std::max(end.status, static_cast<int>(ExitStatus::failed));
    };
  }
  PlainView view(arguments.raw && !Screen(STDOUT_FILENO).is_terminal(), arguments.meeting.qr);
  Chat chat(loop, view, policy_of(arguments, false));
  const ChatEnd end = run_chat_in_pipe(chat, linger);
  const bool says = !end.text.empty() && !loop.outcome().pin;  // see trust_after_asking()
  return [end, says] {
    if (says) say(end.text);
    return end.status;
  };
}

int run_chat(const ChatArguments& arguments, const Given& given) {
  const bool on_terminal = !arguments.json && user_is_at_terminal();
  const auto refuse = [&arguments](ExitStatus status, const std::string& text) {
    say(text);
    const ChatEnd end{static_cast<int>(status), text, outcome_label(Outcome::Kind::failed), text};
    if (arguments.json) JsonView().ended(end);
    return end.status;
  };
  auto plan = make_plan(arguments.meeting, given, on_terminal ? std::nullopt : std::optional(kComeBackWithin));
  if (!plan) return refuse(plan.error().status, plan.error().text);
  if (!arguments.accept_files.empty()) {
    const auto folder = TargetFolder::open(arguments.accept_files);
    if (!folder) return refuse(ExitStatus::failed, escape(folder.error()));
  }
  for (;;) {
    Signals signals(on_terminal);
    ConversationLoop loop(*plan, signals, chat::Purpose::chat);
    const TerminalChatOptions options{.bell = Bell{static_cast<int>(find_word(kBellWords, arguments.bell).value())},
                                      .qr = arguments.meeting.qr,
                                      .into = arguments.into};
    if (on_terminal) {
      const TerminalChatEnd end = run_chat_on_terminal(loop, policy_of(arguments, true), options);
      if (end.again || trust_after_asking(*plan, loop.outcome())) continue;
      return end.status;
    }
    const std::function<int()> finish = run_in_pipe(arguments, loop);
    if (!trust_after_asking(*plan, loop.outcome())) return finish();
  }
}

}  // namespace

void add_chat_command(CLI::App& app, const Given& given, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand("chat",
                                         "Chat with who has the same invite. What is said can be read at the two\n"
                                         "ends only, and arrives once each, whatever happens to the connections.");
  const auto arguments = std::make_shared<ChatArguments>();
  add_meeting_options(*command, arguments->meeting);
  command
      ->add_option("--bell", arguments->bell,
                   "When a message rings the terminal's bell: never, always, or after a minute\n"
                   "without a key")
      ->check(one_of(kBellWords))
      ->type_name("WHEN")
      ->capture_default_str();
  command
      ->add_option("--linger", arguments->linger,
                   "After piped input: leave this long after everything has arrived and the last\n"
                   "message has come. none: stay until the other side leaves")
      ->check(kTimeCheck)
      ->type_name("TIME")
      ->capture_default_str();
  command
      ->add_option("--accept-files", arguments->accept_files,
                   "Put files that the other side sends into this folder, without asking. Otherwise a\n"
                   "terminal asks, and a pipe declines")
      ->type_name("FOLDER");
  command->add_option("--into", arguments->into, "Where /accept puts files when it names no folder")
      ->type_name("FOLDER")
      ->capture_default_str();
  auto* json = command->add_flag("--json", arguments->json, "Events as JSON lines on standard output, for programs");
  command
      ->add_flag("--json-input", arguments->json_input,
                 "And standard input as JSON lines: texts of several lines, accept, leave and more")
      ->needs(json);
  command->add_flag("--raw", arguments->raw, "Print messages unchanged, control characters too (never on a terminal)");
  command->footer(kChatExamples);
  command->callback([arguments, &given, &run] { run = [arguments, &given] { return run_chat(*arguments, given); }; });
}

}  // namespace parley::client
