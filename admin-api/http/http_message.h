#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace parley {

using NameValue = std::pair<std::string, std::string>;

// What the routes see of a request: no socket, no HTTP library. Header fields that may come more than once, and
// must not, are given as often as they came.
struct HttpRequest {
  std::string method;
  std::string path;              // percent-decoded, without the query
  std::vector<NameValue> query;  // percent-decoded
  std::vector<std::string> authorization;
  std::vector<std::string> host;
  std::string accept;
  std::vector<std::string> origin = {};
  std::string content_type = {};
  std::string body = {};
  std::string client = {};  // its address, for the log
};

struct HttpResponse {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<NameValue> headers;
  // For what is large: makes what follows `body`, a part at a time while it is written. Appends the next; false when
  // that was the last.
  std::function<bool(std::string& part)> rest = {};
  bool endless = false;  // `rest` goes on for as long as its client takes what there is
};

}  // namespace parley
