#include <algorithm>

#include "base/toml.h"
#include "service/config/options.h"

namespace parley::config {

std::string to_string(const Origin& origin) {
  switch (origin.source) {
    case Source::standard:
      return "default";
    case Source::file:
      return origin.name + ":" + std::to_string(origin.line);
    case Source::environment:
      return "environment " + origin.name;
    case Source::command_line:
      return "command line " + origin.name;
  }
  return {};
}

std::string print_config(const std::vector<Setting>& settings) {
  std::string out;
  std::string_view group;
  std::size_t widest = 0;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const Setting& setting = settings[i];
    std::string line = std::string(setting.name) + " = ";
    if (options()[i].repeatable) {
      line += '[';
      for (const std::string& value : setting.values) line += (line.back() == '[' ? "" : ", ") + toml_value(value);
      line += ']';
    } else {
      line += toml_value(setting.values.front());
    }
    constexpr std::size_t kColumn = 48;
    widest = std::max(widest, std::min(line.size(), kColumn));
    lines.push_back(std::move(line));
  }
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const Option& option = options()[i];
    if (option.group != group) {
      group = option.group;
      out.append(out.empty() ? "# " : "\n# ").append(group).append("\n");
    }
    std::string& line = lines[i];
    line.resize(std::max(line.size(), widest), ' ');
    // A file's path may hold any byte but NUL; toml_value() makes it one line.
    const Origin& origin = settings[i].origin;
    const bool odd = std::any_of(origin.name.begin(), origin.name.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    out += line + "  # " + (odd ? toml_value(to_string(origin)) : to_string(origin)) + "\n";
  }
  return out;
}

}  // namespace parley::config
