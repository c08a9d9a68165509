#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli-client/chat/end.h"
#include "cli-client/chat/view.h"
#include "cli-client/terminal/plain_display.h"
#include "cli-client/transfer/file_json.h"

namespace parley::client {

// A chat as JSON lines on standard output, for programs: docs/events.schema.json.
class JsonView : public ChatView {
 public:
  void invite(std::string_view text) override;
  void link(const Link& link) override;
  void came(const std::string& name) override;
  bool text(const std::string& name, std::string_view text) override;
  void typing(const std::string& name) override;
  void acknowledged(std::uint64_t number) override;
  void uncertain(std::string_view text) override;
  void left(const std::string& name) override;
  void note(const std::string& text) override;
  void offered(const OfferGroups::Group& group) override;
  void file(const FileEvent& event, bool incoming) override;
  void progress(const ProgressMeter& meter, ProgressMeter::Time now, bool incoming) override;
  int output_error() const override { return lines_.error(); }
  // A line of the input that is none of its events.
  void rejected(std::uint64_t line, const std::string& why);
  void ended(const ChatEnd& end);

 private:
  bool print(const char* event, const json::Object& members);
  void print_file(JsonEvent event, bool incoming);

  PlainDisplay lines_{true};
};

}  // namespace parley::client
