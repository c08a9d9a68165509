#include "cli-client/files/answers.h"

#include <utility>

#include "base/utf8.h"

namespace parley::client {

void Answers::accept(chat::Answer answer) { waiting_.push_back(std::move(answer)); }

void Answers::refuse(std::uint32_t file, std::string reason) {
  add_refusal({.file = file, .accept = false, .reason = cut_utf8(std::move(reason), chat::kMaxReasonBytes)});
}

void Answers::want_digest(std::uint32_t file) { add_refusal({.file = file, .accept = false, .want_sha256 = true}); }

void Answers::add_refusal(chat::Answer answer) {
  waiting_.push_back(std::move(answer));
  ++refusals_;
}

void Answers::send(Outlet& outlet) {
  while (!waiting_.empty()) {
    auto body = chat::encode(waiting_.front());
    if (!outlet.can_send(chat::Type::answer, body.size())) return;
    outlet.send(chat::Type::answer, std::move(body));
    refusals_ -= waiting_.front().accept ? 0U : 1U;
    waiting_.pop_front();
  }
}

void Answers::clear() {
  waiting_.clear();
  refusals_ = 0;
}

}  // namespace parley::client
