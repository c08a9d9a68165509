#pragma once

#include <string>

namespace parley::config {

// The parts of the documents that are made from the table of options. tests/unit/config/docs_test.cc holds the
// files to them.

// docs/configuration.md: one table for each group.
std::string options_as_markdown();

// docs/parleyd.8: the items of its OPTIONS section, in mdoc(7).
std::string options_as_mdoc();

}  // namespace parley::config
