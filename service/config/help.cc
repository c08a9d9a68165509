#include "service/config/help.h"

#include <algorithm>
#include <string_view>

#include "service/config/options.h"

namespace parley::config {
namespace {

constexpr std::size_t kColumns = 80;

// `text` in lines of at most kColumns, each after `indent` spaces.
std::string wrap(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column > 0 && column + 1 + word.size() > kColumns) {
      out += '\n';
      column = 0;
    }
    const std::size_t gap = column == 0 ? indent : 1;
    out.append(gap, ' ').append(word);
    column += gap + word.size();
  }
  return out + '\n';
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string with_placeholder(std::string_view name, std::string_view placeholder) {
  std::string out = "--" + std::string(name);
  if (!placeholder.empty()) out.append(" ").append(placeholder);
  return out;
}

// Each sentence begins a line, as mdoc(7) wants it.
std::string mdoc_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view sentence = text.substr(0, text.find(". "));
    const std::size_t stop = sentence.size() < text.size() ? 1 : 0;
    out += wrap(text.substr(0, sentence.size() + stop), 0);
    text.remove_prefix(std::min(text.size(), sentence.size() + 2));
  }
  return out;
}

std::string mdoc_item(std::string_view name, std::string_view placeholder) {
  std::string out = (name == "help" ? ".It Fl h , Fl -" : ".It Fl -") + std::string(name);
  if (!placeholder.empty()) out.append(" Ar ").append(placeholder);
  return out + '\n';
}

}  // namespace

std::string help_text() {
  std::string out =
      "Usage: parleyd [OPTIONS]              serve\n"
      "       parleyd healthcheck [OPTIONS]  ask the one that serves how it is\n"
      "       parleyd ctl COMMAND            ask it, or tell it what to do (--help)\n"
      "\n"
      "Relays messages between two clients that cannot reach each other.\n"
      "Each option may also stand in the environment or in a file; the command line\n"
      "comes before the environment, and that before the file.\n";
  std::string_view group;
  for (const Option& option : options()) {
    if (option.group != group) {
      group = option.group;
      out.append("\n").append(group).append(":\n");
    }
    out += "  " + with_placeholder(option.name, option.placeholder) + '\n' + wrap(option.help, 8);
    out += "        [default " + std::string(option.standard) + "] [" + environment_name(option.name) + "]\n";
  }
  out += "\nGeneral:\n";
  for (const Mode& mode : modes()) {
    out += (mode.name == "help" ? "  -h, " : "  ") + with_placeholder(mode.name, mode.placeholder) + '\n';
    out += wrap(mode.help, 8);
    if (mode.name == "config") out += "        [" + environment_name(mode.name) + "]\n";
  }
  out +=
      "\nTIME takes ms, s, m, h (250ms, 10m); SIZE takes K, M (64K); 0 or none switches a\n"
      "limit off where that is possible. See parleyd(8).\n";
  return out;
}

std::string options_as_markdown() {
  std::string out;
  std::string_view group;
  for (const Option& option : options()) {
    if (option.group != group) {
      if (!group.empty()) out += '\n';
      group = option.group;
      out.append("### ").append(group).append("\n\n");
      out += "| option | environment | default | reload | meaning |\n| --- | --- | --- | --- | --- |\n";
    }
    std::string usage = with_placeholder(option.name, option.placeholder);
    std::string help{option.help};
    replace_all(usage, "|", "\\|");
    replace_all(help, "*", "\\*");
    out += "| `" + usage + "` | `" + environment_name(option.name) + "` | `" + std::string(option.standard) + "` | " +
           (option.reloadable ? "yes" : "no") + " | " + help + " |\n";
  }
  out += "\n### General\n\n| option | meaning |\n| --- | --- |\n";
  for (const Mode& mode : modes())
    out += (mode.name == "help" ? "| `-h`, `" : "| `") + with_placeholder(mode.name, mode.placeholder) + "` | " +
           std::string(mode.help) + " |\n";
  return out;
}

std::string options_as_mdoc() {
  std::string out;
  std::string_view group;
  for (const Option& option : options()) {
    if (option.group != group) {
      if (!group.empty()) out += ".El\n";
      group = option.group;
      out.append(".Ss ").append(group).append("\n.Bl -tag -width Ds\n");
    }
    out += mdoc_item(option.name, option.placeholder) + mdoc_text(option.help);
    out += "The default is\n.Cm " + std::string(option.standard) + " .\n";
    if (option.reloadable) out += "A reload applies it.\n";
  }
  out += ".El\n.Ss General\n.Bl -tag -width Ds\n";
  for (const Mode& mode : modes()) out += mdoc_item(mode.name, mode.placeholder) + mdoc_text(mode.help);
  return out + ".El\n";
}

}  // namespace parley::config
