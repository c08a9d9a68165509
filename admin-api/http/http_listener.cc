#include "admin-api/http/http_listener.h"

#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "admin-api/http/problem.h"
#include "admin-api/http/request_head.h"
#include "service/log/log.h"
#include "service/threads/thread.h"

namespace parley {

namespace {

// A head that has been read, and where the answer goes.
class ClientStream : public httplib::Stream {
 public:
  ClientStream(ClientSocket& socket, std::string_view head) : socket_(socket), head_(head) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* data, size_t size) override {
    const std::size_t count = head_.copy(data, size);
    head_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* data, size_t size) override { return socket_.write(data, size); }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  // The library asks only to refuse what select() cannot take; here poll() waits.
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  ClientSocket& socket_;
  std::string_view head_;
};

// Everything here changes from one moment to the next.
constexpr std::array<std::pair<const char*, const char*>, 2> kDefaultHeaders{
    {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}}};

std::vector<std::string> values(const httplib::Headers& headers, const char* name) {
  std::vector<std::string> result;
  const auto [begin, end] = headers.equal_range(name);
  for (auto it = begin; it != end; ++it) result.push_back(it->second);
  return result;
}

HttpRequest to_request(const httplib::Request& from) {
  return {.method = from.method,
          .path = from.path,
          .query = {from.params.begin(), from.params.end()},
          .authorization = values(from.headers, "Authorization"),
          .host = values(from.headers, "Host"),
          .accept = from.get_header_value("Accept"),
          .origin = values(from.headers, "Origin"),
          .content_type = from.get_header_value("Content-Type"),
          .body = from.body,
          .client = from.remote_addr};
}

// HTTP/1.0 knows no answer whose length is not known beforehand.
std::string whole_body(const HttpResponse& from) {
  std::string body = from.body;
  while (from.rest && from.rest(body)) {
  }
  return body;
}

void fill_in(const HttpResponse& from, httplib::Response& to, bool in_parts = true) {
  to.status = from.status;
  if (from.rest && in_parts) {
    to.set_chunked_content_provider(from.content_type,
                                    [rest = from.rest, part = from.body](std::size_t, httplib::DataSink& sink) mutable {
                                      const bool more = rest(part);
                                      const bool taken = sink.write(part.data(), part.size());
                                      part.clear();
                                      if (!more) sink.done();
                                      return taken;
                                    });
  } else if (!from.content_type.empty()) {
    to.set_content(whole_body(from), from.content_type);
  }
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
}

// A request that nobody is to read any further.
void refuse(ClientSocket& socket, int status, std::string_view why) {
  const HttpResponse answer = problem(status, why);
  std::string text = "HTTP/1.1 " + std::to_string(status) + " ";
  text.append(phrase(status)).append("\r\nConnection: close\r\n");
  for (const auto& [name, value] : kDefaultHeaders) text.append(name).append(": ").append(value).append("\r\n");
  text.append("Content-Type: ").append(answer.content_type);
  text.append("\r\nContent-Length: ").append(std::to_string(answer.body.size())).append("\r\n\r\n").append(answer.body);
  socket.write(text.data(), text.size());
}

// cpp-httplib's reading and writing of HTTP, without its listening. Constant after construction.
class Parser : public httplib::Server {
 public:
  Parser(HttpListener::Respond respond, const HttpLimits& limits) : respond_(std::move(respond)), limits_(limits) {
    // Without a socket of its own the library takes itself for shutting down, and writes nothing of an answer that is
    // made in parts. It is never used.
    svr_sock_ = 0;
    set_default_headers({kDefaultHeaders.begin(), kDefaultHeaders.end()});
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      route(request, response);
      return HandlerResponse::Handled;
    });
    set_error_handler(HandlerWithResponse([](const httplib::Request&, httplib::Response& response) {
      // Without a body it is the library's own answer to what it did not understand: a new connection is the only
      // safe place for the next request.
      if (!response.body.empty()) return HandlerResponse::Unhandled;
      fill_in(problem(response.status,
                      response.status == 400 ? "not an HTTP/1.1 request, or its head is too large" : "see the status"),
              response);
      response.set_header("Connection", "close");
      return HandlerResponse::Handled;
    }));
    set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
      const bool close = response.has_header("Connection");
      for (const char* name : {"Connection", "Keep-Alive", "Accept-Ranges"}) response.headers.erase(name);
      if (close) response.set_header("Connection", "close");
    });
  }

  // Answers one request; true when another may follow on the same connection.
  bool answer(ClientSocket& socket, bool last) {
    const auto received = socket.read_head();
    if (!received) return false;
    const auto head = normalize_head(*received);
    if (!head) {
      refuse(socket, 400, head.error());
      return false;
    }
    std::optional<std::string> body = read_body(socket, *head);
    if (!body) return false;
    serving = &socket;
    ClientStream stream(socket, head->text);
    bool understood = false;
    bool closed = false;
    const std::function<void(httplib::Request&)> prepare = [&](httplib::Request& request) {
      understood = true;
      request.body = std::move(*body);
      request.remote_addr = socket.peer();
    };
    return process(*this, stream, last, closed, prepare) && understood && !closed && !last;
  }

 private:
  // nullopt: nothing can follow on this connection, and the client has been told why if there was something to say.
  std::optional<std::string> read_body(ClientSocket& socket, const RequestHead& head) const {
    if (head.chunked) {
      refuse(socket, 411, "a body needs a Content-Length");
      return std::nullopt;
    }
    if (head.body_bytes > limits_.body_bytes) {
      refuse(socket, 413, "a body may be " + std::to_string(limits_.body_bytes) + " bytes at most");
      return std::nullopt;
    }
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    if (head.body_bytes > 0 && head.expects_continue) socket.write(kContinue.data(), kContinue.size());
    return socket.read_body(head.body_bytes);
  }

  // The library's releases differ: since 0.18 or so the addresses are arguments.
  template <class Self>
  static bool process(Self& self, httplib::Stream& stream, bool last, bool& closed,
                      const std::function<void(httplib::Request&)>& prepare) {
    if constexpr (requires { self.process_request(stream, last, closed, prepare); }) {
      return self.process_request(stream, last, closed, prepare);
    } else {
      return self.process_request(stream, std::string(), 0, std::string(), 0, last, closed, prepare);
    }
  }

  void route(const httplib::Request& from, httplib::Response& to) const {
    try {
      const HttpResponse response = respond_(to_request(from));
      if (response.endless && from.version == "HTTP/1.0")
        return fill_in(problem(400, "an answer without an end needs HTTP/1.1"), to);
      if (response.endless) serving->begin_endless_answer();
      fill_in(response, to, from.version != "HTTP/1.0");
    } catch (const std::exception& error) {
      log_event(Level::error, "admin request failed", {{"path", from.path}, {"why", error.what()}});
      fill_in(problem(500, "the relay could not answer this"), to);
    }
  }

  // Of this thread: the library's handlers are not told whom they serve.
  static thread_local ClientSocket* serving;

  const HttpListener::Respond respond_;
  const HttpLimits limits_;
};

thread_local ClientSocket* Parser::serving = nullptr;

}  // namespace

class HttpListener::Impl {
 public:
  Impl(ListenSocket socket, const HttpLimits& limits, const AdminTls* tls)
      : limits_(limits),
        tls_(unix_path(socket.bound) ? nullptr : tls),
        socket_(std::move(socket)),
        over_(::eventfd(0, EFD_CLOEXEC)),
        slots_(limits.connections) {
    if (!over_.valid()) throw std::system_error(errno, std::generic_category(), "eventfd");
  }

  ~Impl() {
    stop();
    for (const int fd : accepted_) ::close(fd);
    remove_file(socket_);
  }

  const Endpoint& bound() const { return socket_.bound; }

  void serve(Respond respond) {
    parser_.emplace(std::move(respond), limits_);
    try {
      start([this] { accept_connections(); });
      for (std::size_t i = 0; i < limits_.connections; ++i) start([this] { serve_connections(); });
    } catch (...) {
      stop();
      throw;
    }
  }

 private:
  void start(std::function<void()> task) {
    threads_.push_back(
        start_thread({.name = "admin", .number = threads_.size() + 1, .of = limits_.connections + 1}, std::move(task)));
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    arrived_.notify_all();
    ::eventfd_write(over_.get(), 1);
    slots_.close();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  // Until one may be there, which another process may take that holds the socket too; or it is over.
  void await_connection() const {
    std::array<pollfd, 2> waited{{{socket_.socket.get(), POLLIN, 0}, {over_.get(), POLLIN, 0}}};
    ::poll(waited.data(), waited.size(), -1);
  }

  void accept_connections() {
    while (!stopping_) {
      const int fd = ::accept4(socket_.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0) {
        if (errno == EAGAIN) {
          await_connection();
        } else if (errno != EINTR && errno != ECONNABORTED && !stopping_) {
          // Mostly EMFILE or ENFILE, which last a while. Nothing of this is a reason to stop listening.
          std::this_thread::sleep_for(kAcceptPause);
        }
        continue;
      }
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (!slots_.claim(fd)) {
        ::close(fd);
        continue;
      }
      const std::lock_guard lock(mutex_);
      accepted_.push_back(fd);
      arrived_.notify_one();
    }
  }

  void serve_connections() {
    std::unique_lock lock(mutex_);
    while (true) {
      arrived_.wait(lock, [this] { return stopping_ || !accepted_.empty(); });
      if (stopping_) return;
      const int fd = accepted_.front();
      accepted_.pop_front();
      lock.unlock();
      serve_connection(fd);
      lock.lock();
    }
  }

  void serve_connection(int fd) {
    const AdminTls::Context tls = tls_ != nullptr ? tls_->now() : nullptr;
    ClientSocket client(fd, slots_, limits_, tls.get());
    const auto greeting = client.greet();
    if (greeting == ClientSocket::Greeting::failed) return;
    if (greeting == ClientSocket::Greeting::not_tls) {
      refuse(client, 400, "this listener speaks TLS; ask by https");
      return client.finish();
    }
    for (std::size_t left = limits_.requests_per_connection; left > 0; --left) {
      if (!client.await_request() || !parser_->answer(client, left == 1)) break;
    }
    client.finish();
  }

  static constexpr std::chrono::milliseconds kAcceptPause{50};

  // Constant once serving.
  const HttpLimits limits_;
  const AdminTls* const tls_;
  const ListenSocket socket_;
  const Descriptor over_;  // an eventfd, readable once it is
  std::optional<Parser> parser_;
  std::vector<std::thread> threads_;
  // Thread-safe.
  ConnectionSlots slots_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<int> accepted_;  // guarded by mutex_; each has a slot, and so a thread that will take it soon
};

HttpListener::HttpListener(ListenSocket socket, const HttpLimits& limits, const AdminTls* tls)
    : impl_(std::make_unique<Impl>(std::move(socket), limits, tls)) {}

HttpListener::~HttpListener() = default;

const Endpoint& HttpListener::bound() const { return impl_->bound(); }

void HttpListener::serve(Respond respond) { impl_->serve(std::move(respond)); }

}  // namespace parley
