#include "cli-client/chat/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/edit_distance.h"
#include "cli-client/base/clock.h"
#include "cli-client/base/escape.h"
#include "cli-client/base/login_name.h"
#include "cli-client/chat/input.h"
#include "cli-client/chat/path_completion.h"
#include "cli-client/chat/status.h"
#include "cli-client/terminal/answer.h"
#include "cli-client/terminal/qr_code.h"
#include "cli-client/terminal/screen.h"
#include "cli-client/terminal/terminal.h"

namespace parley::client {
namespace {

constexpr std::chrono::seconds kTypingShown{5};
// Who has not touched a key for so long may be looking elsewhere.
constexpr std::chrono::seconds kIdle{60};
constexpr std::chrono::seconds kJustTyped{5};
constexpr std::chrono::seconds kSkipping{10};
constexpr std::chrono::hours kAskedAtTheEnd{24};
constexpr std::chrono::milliseconds kShortEnd{500};
constexpr std::ptrdiff_t kMostLines = 10;

class TerminalChat : public ChatView {
 public:
  TerminalChat(ConversationLoop& loop, const ChatFiles::Policy& policy, const TerminalChatOptions& options)
      : options_(options), chat_(loop, *this, policy), terminal_([this] { return await_key(); }) {
    status_.readable_by_relay = !loop.plan().meeting.key;
    terminal_.complete_with(complete_line);
  }

  TerminalChatEnd run();

  void invite(std::string_view text) override;
  void link(const Link& link) override;
  void came(const std::string& name) override;
  bool text(const std::string& name, std::string_view text) override;
  void typing(const std::string&) override { status_.typing_until = Clock::now() + kTypingShown; }
  void acknowledged(std::uint64_t) override {}
  void uncertain(std::string_view text) override {
    terminal_.status("this may not have arrived: " + escape_lines(text));
  }
  void left(const std::string& name) override { terminal_.status(name_or(name, "the other side") + " left"); }
  void note(const std::string& text) override { terminal_.status(text); }
  void signal(int number) override { terminal_.signal(number); }

 private:
  bool await_key();
  bool wants_to_wait();
  bool step(int input, std::optional<Engine::TimePoint> deadline = std::nullopt);
  void wait_for_the_end();
  int say_how_it_ended();
  void take_line(const std::string& line);
  void take_answer(const std::string& line);
  void obey(const ChatInput& input);
  void obey_with_files(const ChatInput& input);
  void show_verification();
  void show_invite();
  void copy(std::string_view what);
  void ring();

  const TerminalChatOptions options_;
  Chat chat_;
  ChatStatus status_;
  Terminal terminal_;
  Engine::TimePoint last_key_ = Clock::now();
  std::optional<unsigned> told_;                 // of the link's changes
  bool rung_ = false;                            // since the last key
  bool left_ = false;                            // by our own decision
  std::optional<Engine::TimePoint> read_until_;  // when it is over
  std::optional<std::string> long_text_;         // whether to send it has been asked
  std::string last_text_;                        // that the other side has said
};

std::string hint_for(std::string_view typed) {
  std::vector<std::string> names;
  for (const std::string_view command : chat_commands()) names.emplace_back(command);
  const std::string meant = nearest(typed, names);
  return meant.empty() ? "/help lists them, // begins a line with /" : "did you mean " + meant + "?";
}

bool TerminalChat::step(int input, std::optional<Engine::TimePoint> deadline) {
  const auto now = Clock::now();
  status_.link = chat_.loop().engine().link();
  status_.leaving = chat_.finishing();
  status_.unsettled = chat_.unsettled();
  if (status_.unsettled == 0) {
    status_.unsettled_since.reset();
  } else if (!status_.unsettled_since) {
    status_.unsettled_since = now;
  }
  status_.transfers = chat_.files().under_way();
  // On a dumb terminal each is a line that stays: neither who types nor seconds that count down are worth that.
  if (!terminal_.is_dumb() || told_ != status_.link.changes) {
    terminal_.set_status_line(status_line(status_, now, terminal_.columns() - 1));
  }
  told_ = status_.link.changes;
  if (const auto at = status_changes_at(status_, now); at && (!deadline || *at < *deadline)) deadline = at;
  return chat_.step(input, deadline);
}

// For the line editor: true when a key can be read, false when the line is to be given up.
bool TerminalChat::await_key() {
  if (read_until_) return chat_.loop().wait_after_the_end(STDIN_FILENO, *read_until_);
  while (!chat_.over() && chat_.signal() == 0 && !chat_.finishing()) {
    if (step(STDIN_FILENO)) {
      last_key_ = Clock::now();
      rung_ = false;
      if (!terminal_.line_begins_with('/')) chat_.typing();
      return true;
    }
  }
  return false;
}

TerminalChatEnd TerminalChat::run() {
  while (!chat_.over() && chat_.signal() == 0 && !chat_.finishing()) {
    const auto line = terminal_.read_line();
    if (chat_.over() || chat_.signal() != 0 || chat_.finishing()) break;
    if (!line) {
      left_ = true;
      chat_.finish();
    } else if (long_text_) {
      take_answer(*line);
    } else if (line->empty()) {
      chat_.loop().engine().connect_now(Clock::now());
    } else {
      take_line(*line);
    }
  }
  const bool typing = !left_ && Clock::now() - last_key_ < kJustTyped;
  wait_for_the_end();
  const int status = say_how_it_ended();
  if (wants_to_wait()) return {status, true};
  // Who is in the middle of a line, or of a paste, does not mean the rest for the shell.
  if (typing && terminal_.is_cut_short() && chat_.signal() == 0 && !chat_.outcome().pin) {
    terminal_.status("Enter closes");
    read_until_ = Clock::now() + kSkipping;
    terminal_.skip_line();
  }
  return {status, false};
}

// Who went without a goodbye may come again by the same invite: its program, or its machine, has failed.
bool TerminalChat::wants_to_wait() {
  const bool gone = chat_.outcome().kind == Outcome::Kind::partner_gone && !chat_.other_left();
  if (!gone || left_ || chat_.signal() != 0) return false;
  const std::string& name = chat_.loop().engine().link().partner;
  terminal_.set_status_line((name.empty() ? "the other side" : name) + " left; Enter waits for them, Ctrl-D leaves");
  read_until_ = Clock::now() + kAskedAtTheEnd;
  const bool waits = terminal_.read_line().has_value();
  read_until_.reset();
  return waits;
}

int TerminalChat::say_how_it_ended() {
  const std::string lost = "you left; " + std::to_string(chat_.unsettled()) + " of your messages may not have arrived";
  if (chat_.signal() != 0) {
    if (chat_.unsettled() > 0) terminal_.status(lost);
    return 128 + chat_.signal();
  }
  const Outcome& outcome = chat_.outcome();
  if (outcome.pin) return static_cast<int>(outcome.status);  // see trust_after_asking()
  if (outcome.kind == Outcome::Kind::left && chat_.unsettled() > 0) {
    terminal_.status(lost);
  } else if (outcome.status != ExitStatus::done) {
    terminal_.status(outcome.text);
  } else {
    terminal_.status(chat_.other_left() ? "the chat is over" : "you left");
  }
  return static_cast<int>(outcome.status);
}

// The status line has gone with the line being typed: what is still waited for is said on lines of its own.
void TerminalChat::wait_for_the_end() {
  const auto begin_at = Clock::now() + kShortEnd;
  std::optional<unsigned> told;
  while (!chat_.over()) {
    step(-1, Clock::now() < begin_at ? std::optional(begin_at) : std::nullopt);
    const Link& link = chat_.loop().engine().link();
    // To say goodbye is short, and no news to who leaves.
    const bool is_news = link.state != Link::State::leaving && told != link.changes;
    if (chat_.over() || Clock::now() < begin_at || !is_news) continue;
    status_.transfers = chat_.files().under_way();  // of before the step they may be gone
    terminal_.status(status_line(status_, Clock::now(), terminal_.columns()));
    told = link.changes;
  }
}

// What is longer than what people write is asked about: it may have been the wrong thing to paste.
void TerminalChat::take_line(const std::string& line) {
  const ChatInput input = parse_chat_input(line);
  const auto lines = 1 + std::ranges::count(input.argument, '\n');
  if (input.kind != ChatInput::Kind::text || lines <= kMostLines) return obey(input);
  long_text_ = input.argument;
  terminal_.status("send these " + std::to_string(lines) + " lines as one message? [y/N]");
}

void TerminalChat::take_answer(const std::string& line) {
  const std::string text = std::move(*long_text_);
  long_text_.reset();
  if (is_yes(line)) return obey({ChatInput::Kind::text, text});
  terminal_.status("not sent; the key Up brings it back");
}

void TerminalChat::obey(const ChatInput& input) {
  if (input.argument.empty() && input.kind == ChatInput::Kind::text) return;
  switch (input.kind) {
    case ChatInput::Kind::text:
      if (!chat_.can_send())
        terminal_.status("too much waits for the other side: this line goes out when there is room");
      terminal_.said_by_us(input.argument);
      chat_.send(input.argument);
      break;
    case ChatInput::Kind::help:
      terminal_.paragraph(kChatHelp);
      break;
    case ChatInput::Kind::name:
      if (input.argument.empty() || input.argument.size() > chat::kMaxSideNameBytes) {
        terminal_.status("write /name NAME, with at most 64 bytes, or /name none");
      } else {
        chat_.rename(input.argument);
        terminal_.status(input.argument == kNoName ? "the other side now sees no name of you"
                                                   : "the other side now sees you as " + escape(input.argument));
      }
      break;
    case ChatInput::Kind::who:
      terminal_.status(chat_.who());
      break;
    case ChatInput::Kind::verify:
      show_verification();
      break;
    case ChatInput::Kind::invite:
      show_invite();
      break;
    case ChatInput::Kind::send:
    case ChatInput::Kind::accept:
      obey_with_files(input);
      break;
    case ChatInput::Kind::decline:
      chat_.files().decline();
      break;
    case ChatInput::Kind::cancel:
      chat_.files().cancel();
      break;
    case ChatInput::Kind::copy:
      copy(input.argument);
      break;
    case ChatInput::Kind::quit:
      left_ = true;
      chat_.finish();
      break;
    case ChatInput::Kind::unknown:
      terminal_.status("there is no command " + escape(input.argument) + "; " + hint_for(input.argument));
      break;
  }
}

void TerminalChat::obey_with_files(const ChatInput& input) {
  const bool send = input.kind == ChatInput::Kind::send;
  const auto words = split_words(input.argument);
  if (!words) return terminal_.status("a quotation mark is open");
  if (send && words->empty()) return terminal_.status("write /send FILE..., with files or folders");
  if (!send && words->size() > 1)
    return terminal_.status("write /accept, or /accept FOLDER; \"quote it\" if it has blanks");
  if (send) return chat_.files().send(*words);
  chat_.files().accept(words->empty() ? options_.into : words->front());
}

void TerminalChat::show_verification() {
  const std::string digits = chat_.loop().engine().verify_text();
  if (!chat_.loop().plan().meeting.key) {
    terminal_.status("there is nothing to verify without an invite");
  } else if (digits.empty()) {
    terminal_.status("when the other side is there, /verify shows digits to compare");
  } else {
    terminal_.status(digits + ": if the other side reads the same digits now, nobody is in between");
  }
}

void TerminalChat::show_invite() {
  const Plan& plan = chat_.loop().plan();
  if (!plan.meeting.key) {
    terminal_.status("there is no invite: who knows this relay and the room " + plan.meeting.room + " can come");
  } else if (!plan.made) {
    terminal_.status("the other side has made the invite; it is for you two only");
  } else if (const auto text = chat_.loop().invite()) {
    invite(text->reveal());
  } else {
    terminal_.status("the invite is shown when the relay has been reached");
  }
}

void TerminalChat::copy(std::string_view what) {
  if (!what.empty() && what != "invite") {
    return terminal_.status("write /copy for the last message that came, or /copy invite");
  }
  const auto invite = chat_.loop().invite();
  const bool wants_invite = what == "invite" || (last_text_.empty() && invite);
  if (wants_invite && !invite) return terminal_.status("there is no invite of yours to copy");
  if (!wants_invite && last_text_.empty()) return terminal_.status("no message has come yet");
  if (!terminal_.copy(wants_invite ? invite->reveal() : last_text_)) {
    return terminal_.status("a dumb terminal has no clipboard");
  }
  terminal_.status(std::string(wants_invite ? "the invite" : "the last message") +
                   " is in the clipboard, if this terminal lets programs put something there");
}

void TerminalChat::invite(std::string_view text) {
  constexpr std::size_t kLinesBelow = 6;  // of what follows, the status line and the one being typed
  if (options_.qr) terminal_.paragraph(qr_code_for(Screen(STDOUT_FILENO), text, kLinesBelow));
  terminal_.status("give this to the other side, and to nobody else; /help lists the commands:");
  terminal_.paragraph("\n  parley chat '" + std::string(text) + "'\n");
}

void TerminalChat::link(const Link& link) {
  if (link.state != Link::State::together) status_.typing_until.reset();
}

void TerminalChat::came(const std::string& name) {
  terminal_.status(name_or(name, "the other side") + " is there" +
                   (chat_.loop().plan().made ? "" : "; /help lists the commands"));
  ring();
}

bool TerminalChat::text(const std::string& name, std::string_view text) {
  status_.typing_until.reset();
  last_text_ = text;
  terminal_.said_by_other(name_or(name, "them"), text);
  ring();
  return true;
}

void TerminalChat::ring() {
  const bool idle = Clock::now() - last_key_ >= kIdle && !rung_;
  if (options_.bell == Bell::always || (options_.bell == Bell::idle && idle)) {
    terminal_.ring();
    rung_ = true;
  }
}

}  // namespace

TerminalChatEnd run_chat_on_terminal(ConversationLoop& loop, const ChatFiles::Policy& policy,
                                     const TerminalChatOptions& options) {
  return TerminalChat(loop, policy, options).run();
}

}  // namespace parley::client
