#pragma once

#include <string>

#include "cli-client/files/offer_groups.h"
#include "cli-client/files/source_tree.h"

namespace parley::client {

// What is sent at one time, for people: "photos/ (12 files, 1.2 GB)", "a.txt and 2 more (15 kB)". Safe to show.
std::string offer_text(const OfferGroups::Group& group);
std::string offer_text(const SourceTree& tree);

// The same as a list, of what the user has named: one line after the other, of many the first ones.
std::string source_list(const SourceTree& tree);

// What programs are told of it.
OfferGroups::Group as_group(const SourceTree& tree);

// "1 link, device or the like is left out"; empty for none.
std::string left_out_text(std::uint64_t count);

}  // namespace parley::client
