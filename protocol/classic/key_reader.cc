#include "protocol/classic/key_reader.h"

#include <algorithm>

#include "protocol/classic/pem_markers.h"

namespace parley::classic {

std::size_t KeyReader::feed(std::span<const std::byte> bytes) {
  if (status_ != Status::need_more) {
    return status_ == Status::complete ? 0 : bytes.size();
  }
  const std::size_t room = std::min(bytes.size(), kMaxKeyBytes - taken_);
  std::string_view fresh(reinterpret_cast<const char*>(bytes.data()), room);
  if (text_.empty()) {
    fresh.remove_prefix(std::min(fresh.find_first_not_of(kPemSpace), fresh.size()));
  }
  // END may have begun in an earlier segment, by at most all but its last byte.
  const std::size_t scan_from = text_.size() - std::min(text_.size(), kPemEnd.size() - 1);
  text_.append(fresh);
  if (!begins_as_key()) {
    status_ = Status::complete;
    release();
    return bytes.size();
  }
  const std::size_t end = text_.find(kPemEnd, scan_from);
  if (end != std::string::npos) {
    const std::size_t beyond = text_.size() - (end + kPemEnd.size());
    text_.resize(end + kPemEnd.size());
    taken_ += room - beyond;
    status_ = Status::complete;
    return room - beyond;
  }
  taken_ += room;
  if (taken_ == kMaxKeyBytes) {
    status_ = Status::too_long;
    release();
  }
  return bytes.size();
}

void KeyReader::release() { std::string().swap(text_); }

bool KeyReader::begins_as_key() const {
  const std::size_t known = std::min(text_.size(), kPemBegin.size());
  return std::string_view(text_).substr(0, known) == kPemBegin.substr(0, known);
}

std::size_t KeyReader::line_end_bytes(std::span<const std::byte> bytes) {
  if (bytes[0] == std::byte{'\n'}) {
    return 1;
  }
  return bytes[0] == std::byte{'\r'} && bytes.size() > 1 && bytes[1] == std::byte{'\n'} ? 2 : 0;
}

}  // namespace parley::classic
