#include "admin-api/http/problem.h"

#include <nlohmann/json.hpp>

namespace parley {

std::string_view phrase(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 422:
      return "Unprocessable Content";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

HttpResponse problem(int status, std::string_view detail) {
  const nlohmann::ordered_json body{
      {"type", "about:blank"}, {"title", phrase(status)}, {"status", status}, {"detail", detail}};
  // The detail may quote what the client sent, which need not be UTF-8.
  return {.status = status,
          .content_type = "application/problem+json",
          .body = body.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n",
          .headers = {}};
}

}  // namespace parley
