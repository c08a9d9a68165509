#pragma once

#include <string>
#include <string_view>

#include "cli-client/chat/view.h"
#include "cli-client/terminal/plain_display.h"

namespace parley::client {

// A chat as lines: texts on standard output, news on standard error.
class PlainView : public ChatView {
 public:
  PlainView(bool raw, bool qr) : lines_(raw), qr_(qr) {}

  void invite(std::string_view text) override;
  void link(const Link& link) override;
  void came(const std::string& name) override;
  bool text(const std::string& name, std::string_view text) override;
  void typing(const std::string&) override {}
  void acknowledged(std::uint64_t) override {}
  void uncertain(std::string_view text) override;
  void left(const std::string& name) override;
  void note(const std::string& text) override;
  int output_error() const override { return lines_.error(); }

 private:
  PlainDisplay lines_;
  const bool qr_;
};

}  // namespace parley::client
