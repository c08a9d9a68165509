#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "service/log/log.h"

namespace parley::log_detail {

// "session ended session=7 reason=peer-closed".
std::string format_text(std::string_view message, std::initializer_list<LogField> fields);

// The members of a JSON object, without its braces: "message":"session ended","session":7.
std::string format_json(std::string_view message, std::initializer_list<LogField> fields);

}  // namespace parley::log_detail
