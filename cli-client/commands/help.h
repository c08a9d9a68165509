#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace parley::client {

// --help of `parley` and of its commands, for a terminal 80 columns wide: what it is, how it is called, its own
// options, those that others have too in their groups, with the variables and defaults of each, examples. Line breaks
// in descriptions mean nothing.
class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* command, std::string name, CLI::AppFormatMode mode) const override;
};

// The commands, a line each: what `parley` alone says.
std::string command_list(const CLI::App& app);

// Of a description, in one line and without its end.
std::string first_sentence(const std::string& description);

}  // namespace parley::client
