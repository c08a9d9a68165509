// The floor: what relaying TLS 1.3 costs when nothing else is done. One thread, one epoll loop; connections are paired
// in the order in which their handshakes end, and what one sends the other gets. No frames, no limits, no deadlines.
//
// floor CERTIFICATE KEY: prints "relay 127.0.0.1:PORT" and "ready" as parleyd does, and runs until it is ended.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

namespace {

constexpr int kRecordBytes = 16'384;
int epoll = -1;
SSL_CTX* context = nullptr;

struct End {
  int descriptor;
  SSL* ssl;
  End* peer = nullptr;
  std::vector<unsigned char> owed = {};  // for this end, while it takes no more; its peer is not read meanwhile
};
End* unpaired = nullptr;
std::vector<End*> dead;  // freed when the events of this round are done with

void check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  ERR_print_errors_fp(stderr);
  std::exit(1);
}

void watch(End* end, unsigned events, int how = EPOLL_CTL_MOD) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = end;
  check(epoll_ctl(epoll, how, end->descriptor, &event) == 0, "epoll_ctl");
}

void end_both(End* end) {
  if (unpaired == end) unpaired = nullptr;
  for (End* one : {end, end->peer}) {
    if (!one || one->descriptor < 0) continue;
    close(one->descriptor);
    one->descriptor = -1;
    dead.push_back(one);
  }
}

// False when the connection is broken; true and `done` bytes short of all when it would block.
bool send(End* to, const unsigned char* bytes, int length, int& done) {
  done = SSL_write(to->ssl, bytes, length);
  if (done > 0) return true;
  const bool would_block = SSL_get_error(to->ssl, done) == SSL_ERROR_WANT_WRITE;
  done = 0;
  return would_block;
}

void pump(End* from) {
  std::array<unsigned char, kRecordBytes> record;
  End* const to = from->peer;
  do {
    const int length = SSL_read(from->ssl, record.data(), kRecordBytes);
    if (length <= 0) {
      if (SSL_get_error(from->ssl, length) != SSL_ERROR_WANT_READ) end_both(from);
      return;
    }
    int done = 0;
    if (!send(to, record.data(), length, done)) return end_both(from);
    if (done < length) {
      to->owed.assign(record.data() + done, record.data() + length);
      watch(from, 0);
      return watch(to, EPOLLOUT | (from->owed.empty() ? EPOLLIN : 0U));
    }
  } while (SSL_has_pending(from->ssl));
}

void pay(End* end) {
  int done = 0;
  if (!send(end, end->owed.data(), static_cast<int>(end->owed.size()), done)) return end_both(end);
  if (done < static_cast<int>(end->owed.size())) return;
  end->owed.clear();
  End* const peer = end->peer;
  watch(end, peer->owed.empty() ? EPOLLIN : 0U);
  watch(peer, EPOLLIN | (peer->owed.empty() ? 0U : EPOLLOUT));
  pump(peer);  // what OpenSSL has read ahead, epoll does not report
}

void pair(End* end) {
  if (!unpaired) {
    unpaired = end;
    return watch(end, 0);
  }
  end->peer = unpaired;
  unpaired->peer = end;
  watch(unpaired, EPOLLIN);
  pump(std::exchange(unpaired, nullptr));
  if (end->descriptor >= 0 && SSL_has_pending(end->ssl)) pump(end);
}

void accept_one(int listener) {
  const int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) return;
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto* const end = new End{descriptor, SSL_new(context)};
  SSL_set_fd(end->ssl, descriptor);
  SSL_set_accept_state(end->ssl);
  watch(end, EPOLLIN, EPOLL_CTL_ADD);
}

void handle(End* end, unsigned events) {
  if (end->descriptor < 0) return;
  if (!SSL_is_init_finished(end->ssl)) {
    const int result = SSL_do_handshake(end->ssl);
    if (result == 1) return pair(end);
    if (SSL_get_error(end->ssl, result) != SSL_ERROR_WANT_READ) end_both(end);
    return;
  }
  if (!end->peer) return end_both(end);
  if (!end->owed.empty() && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) return pay(end);
  pump(end);
}

int listen_anywhere() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  check(bind(listener, reinterpret_cast<const sockaddr*>(&address), length) == 0, "bind");
  check(listen(listener, 4096) == 0, "listen");
  check(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0, "getsockname");
  std::printf("relay 127.0.0.1:%d\nready\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: floor CERTIFICATE KEY\n");
    return 2;
  }
  context = SSL_CTX_new(TLS_server_method());
  check(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1, "TLS 1.3");
  check(SSL_CTX_use_certificate_chain_file(context, argv[1]) == 1, "certificate");
  check(SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) == 1, "key");
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  const int listener = listen_anywhere();
  epoll_event accepting{};
  accepting.events = EPOLLIN;
  check(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &accepting) == 0, "epoll_ctl");

  std::array<epoll_event, 256> events;
  while (true) {
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr) {
        handle(static_cast<End*>(event.data.ptr), event.events);
      } else {
        accept_one(listener);
      }
    }
    for (End* end : dead) {
      SSL_free(end->ssl);
      delete end;
    }
    dead.clear();
  }
}
