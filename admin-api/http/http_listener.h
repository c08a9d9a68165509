#pragma once

#include <functional>
#include <memory>

#include "admin-api/http/admin_tls.h"
#include "admin-api/http/client_socket.h"
#include "admin-api/http/http_message.h"
#include "admin-api/http/listen_socket.h"
#include "service/settings/settings.h"

namespace parley {

// Serves HTTP/1.1 on one address with threads of its own. cpp-httplib reads requests and writes answers;
// accepting, deadlines and the bound on connections are ours, because the library's server has only a timeout for
// each read, gives up its listener on some errors of accept, and refuses descriptors of 1,024 and above.
class HttpListener {
 public:
  // Called on the listener's threads, several at once. HEAD gets the same answer as GET, less the body.
  using Respond = std::function<HttpResponse(const HttpRequest&)>;

  // `tls`: of TCP, and for each connection as it is then; nullptr for none. It must outlive the listener. Throws
  // std::system_error when there are no descriptors left.
  explicit HttpListener(ListenSocket socket, const HttpLimits& limits = {}, const AdminTls* tls = nullptr);
  // Stops: cuts every connection, joins the threads and closes the socket. It does not shut it down: others may hold
  // it, and who has not been accepted is theirs.
  ~HttpListener();

  const Endpoint& bound() const;
  void serve(Respond respond);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace parley
