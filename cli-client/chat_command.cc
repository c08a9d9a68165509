#include "chat_command.h"

#include <unistd.h>

#include <map>
#include <memory>
#include <string>

#include "chat_plain.h"
#include "chat_terminal.h"
#include "duration.h"
#include "news.h"

namespace parley::client {
namespace {

struct ChatArguments {
  MeetingOptions meeting;
  TerminalChatOptions terminal;
  std::string linger = "2s";
  bool json = false;
  bool raw = false;
};

int run_in_pipe(const ChatArguments& arguments, const Plan& plan, Engine& engine, Signals& signals) {
  const Linger linger{parse_duration(arguments.linger).value()};
  if (arguments.json) {
    JsonView view;
    Chat chat(plan, engine, signals, view);
    const ChatEnd end = run_chat_in_pipe(chat, linger);
    view.ended(end.status, end.text);
    return end.status;
  }
  if (!plan.meeting.key) say("without an invite: the relay's operator can read everything that is said here");
  PlainView view(arguments.raw && !::isatty(STDOUT_FILENO), arguments.meeting.qr);
  Chat chat(plan, engine, signals, view);
  const ChatEnd end = run_chat_in_pipe(chat, linger);
  if (!end.text.empty() && !engine.outcome()->pin) say(end.text);  // see trust_after_asking()
  return end.status;
}

int run_chat(const ChatArguments& arguments, const std::optional<chat::SecretText>& given) {
  const bool on_terminal = !arguments.json && ::isatty(STDIN_FILENO) && ::isatty(STDOUT_FILENO);
  auto plan = make_plan(arguments.meeting, given, on_terminal ? std::nullopt : std::optional(kComeBackWithin));
  if (!plan) {
    say(plan.error().text);
    return static_cast<int>(plan.error().status);
  }
  for (;;) {
    Signals signals(on_terminal);
    Engine engine(plan->meeting, plan->trust, plan->patience, {plan->name, {}}, Engine::Clock::now());
    const int status = on_terminal ? run_chat_on_terminal(*plan, engine, signals, arguments.terminal)
                                   : run_in_pipe(arguments, *plan, engine, signals);
    if (!trust_after_asking(*plan, *engine.outcome())) return status;
  }
}

}  // namespace

void add_chat_command(CLI::App& app, const std::optional<chat::SecretText>& given, std::function<int()>& run) {
  CLI::App* command = app.add_subcommand("chat",
                                         "Chat with who has the same invite. What is said can be read at the two\n"
                                         "ends only, and arrives once each, whatever happens to the connections.");
  const auto arguments = std::make_shared<ChatArguments>();
  add_meeting_options(*command, arguments->meeting);
  command
      ->add_option("--bell", arguments->terminal.bell,
                   "When a message rings the terminal's bell: never, always, or after a minute\n"
                   "without a key")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Bell>{{"never", Bell::never}, {"idle", Bell::idle}, {"always", Bell::always}}))
      ->type_name("WHEN")
      ->default_str("idle");
  command
      ->add_option("--linger", arguments->linger,
                   "After piped input: leave this long after everything has arrived and the last\n"
                   "message has come. none: stay until the other side leaves")
      ->check(kTimeCheck)
      ->type_name("TIME")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Events as JSON lines on standard output, for programs");
  command->add_flag("--raw", arguments->raw, "Print messages unchanged, control characters too (never on a terminal)");
  command->callback([arguments, &given, &run] { run = [arguments, &given] { return run_chat(*arguments, given); }; });
}

}  // namespace parley::client
