#pragma once

#include <string>
#include <string_view>

#include "cli-client/engine/link.h"
#include "cli-client/files/event.h"
#include "cli-client/files/offer_groups.h"
#include "cli-client/files/progress_meter.h"

namespace parley::client {

// Where a chat is shown. Texts come as they were sent: escape them.
class ChatView {
 public:
  virtual ~ChatView() = default;

  virtual void invite(std::string_view text) = 0;
  // How far we are from the other side has changed.
  virtual void link(const Link& link) = 0;
  // The other side is there: for the first time, or as a program that was started anew.
  virtual void came(const std::string& name) = 0;
  // False: nobody reads what is shown any more.
  virtual bool text(const std::string& name, std::string_view text) = 0;
  virtual void typing(const std::string& name) = 0;
  // All texts of ours up to this one are with the other side.
  virtual void acknowledged(std::uint64_t number) = 0;
  // What the other side may not have seen, and will not be sent (again).
  virtual void uncertain(std::string_view text) = 0;
  virtual void left(const std::string& name) = 0;
  virtual void note(const std::string& text) = 0;
  // Files, for programs: people are told by notes.
  virtual void offered(const OfferGroups::Group&) {}
  virtual void file(const FileEvent&, bool /*incoming*/) {}
  virtual void progress(const ProgressMeter&, ProgressMeter::Time /*now*/, bool /*incoming*/) {}
  // errno of what could not be written to standard output; 0: all was.
  virtual int output_error() const { return 0; }
  // A signal came that is not the conversation's concern: the window's size, stop.
  virtual void signal(int) {}
};

// "bob", or "the other side" when it has not told a name.
std::string name_or(const std::string& name, const char* otherwise);

}  // namespace parley::client
