#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace parley::client {

// What was wrong with a command line, and what to do about it, for its user: "there is no command caht; did you mean
// chat?" `arguments` are those that `app` could not parse.
std::string mistake(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& arguments);

}  // namespace parley::client
