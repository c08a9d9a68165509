#include "cli-client/transfer/offer_text.h"

#include <vector>

#include "cli-client/base/escape.h"
#include "cli-client/files/quantity.h"

namespace parley::client {
namespace {

constexpr std::size_t kListed = 10;

std::string name_text(const std::string& name, bool directory) {
  std::string text = escape(name) + (directory ? "/" : "");
  // A blank would leave open where the name ends.
  return text.find(' ') == std::string::npos ? text : '"' + text + '"';
}

std::string amount_text(std::uint64_t files, std::uint64_t bytes) {
  return count_text(files, "file", "files") + ", " + size_text(bytes);
}

// What the user has named, with what is in it.
struct Root {
  const Source* first;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

std::vector<Root> roots(const SourceTree& tree) {
  std::vector<Root> found;
  for (const Source& source : tree.sources) {
    if (source.path.find('/') == std::string::npos || found.empty()) found.push_back({&source});
    found.back().files += source.directory ? 0 : 1;
    found.back().bytes += source.error.empty() ? source.size : 0;
  }
  return found;
}

}  // namespace

std::string offer_text(const OfferGroups::Group& group) {
  // Who does not tell has named the files alone, or one folder.
  const std::uint64_t named = group.named > 0 ? group.named : (group.directory ? 1 : group.files);
  std::string text = name_text(group.name, group.directory);
  if (named > 1) text += " and " + count_text(named - 1, "more", "more");
  const bool files_alone = !group.directory && named == group.files;
  return text + " (" + (files_alone ? size_text(group.bytes) : amount_text(group.files, group.bytes)) + ")";
}

OfferGroups::Group as_group(const SourceTree& tree) {
  OfferGroups::Group group;
  group.files = tree.files();
  group.bytes = tree.bytes();
  group.left_out = tree.left_out();
  group.named = tree.named();
  if (tree.sources.empty()) return group;
  group.name = tree.sources.front().path;
  group.directory = tree.sources.front().directory;
  return group;
}

std::string offer_text(const SourceTree& tree) { return offer_text(as_group(tree)); }

std::string source_list(const SourceTree& tree) {
  const auto named = roots(tree);
  if (named.size() == 1) return offer_text(tree);
  std::string text = amount_text(tree.files(), tree.bytes()) + ":";
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (i == kListed && named.size() > kListed + 1) {
      return text + "\n  and " + count_text(named.size() - i, "more", "more");
    }
    const auto& [first, files, bytes] = named[i];
    text += "\n  " + name_text(first->path, first->directory) + " (" +
            (first->directory ? amount_text(files, bytes) : size_text(bytes)) + ")";
  }
  return text;
}

std::string left_out_text(std::uint64_t count) {
  if (count == 0) return "";
  return count_text(count, "link, device or the like is", "links, devices and the like are") + " left out on purpose";
}

}  // namespace parley::client
