#include "cli-client/http/answer.h"

#include <httplib.h>

namespace parley::client {
namespace {

// What has come, and what is to go, in memory.
class Exchange : public httplib::Stream {
 public:
  explicit Exchange(std::string_view request) : request_(request) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* data, size_t size) override {
    const std::size_t count = request_.copy(data, size);
    request_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* data, size_t size) override {
    answer.append(data, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

  std::string answer;

 private:
  std::string_view request_;
};

// cpp-httplib's reading and writing of HTTP, without its listening: its threads wait for a client that sends a byte now
// and then for as long as it likes.
class Parser : public httplib::Server {
 public:
  explicit Parser(const FindPage& find) : find_(find) {
    set_default_headers({{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}});
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      route(request, response);
      return HandlerResponse::Handled;
    });
  }

  std::string answer(std::string_view request) {
    Exchange exchange(request);
    bool closed = false;
    (void)process(*this, exchange, closed);
    return std::move(exchange.answer);
  }

 private:
  // The library's releases differ: since 0.18 or so the addresses are arguments.
  template <class Self>
  static bool process(Self& self, httplib::Stream& stream, bool& closed) {
    const auto as_it_is = [](httplib::Request& request) { request.headers.erase("Accept-Encoding"); };
    if constexpr (requires { self.process_request(stream, true, closed, as_it_is); }) {
      return self.process_request(stream, true, closed, as_it_is);
    } else {
      return self.process_request(stream, std::string(), 0, std::string(), 0, true, closed, as_it_is);
    }
  }

  void route(const httplib::Request& request, httplib::Response& response) const {
    if (request.method != "GET" && request.method != "HEAD") {
      response.status = 405;
      response.set_header("Allow", "GET, HEAD");
      return response.set_content("only GET and HEAD\n", "text/plain; charset=utf-8");
    }
    const auto page = find_(request.path);
    response.status = page ? 200 : 404;
    if (page) return response.set_content(page->body, page->type);
    response.set_content("no such page; / says which there are\n", "text/plain; charset=utf-8");
  }

  const FindPage& find_;
};

}  // namespace

std::optional<std::string> answer_to(std::string_view received, const FindPage& find) {
  const auto end = received.find("\r\n\r\n");
  if (end == std::string_view::npos && received.size() < kMostHeadBytes) return std::nullopt;
  std::string answer = Parser(find).answer(received.substr(0, end == std::string_view::npos ? end : end + 4));
  // The library says nothing to what has no line.
  if (answer.empty()) answer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  return answer;
}

}  // namespace parley::client
