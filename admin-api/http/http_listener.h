#pragma once

#include <functional>
#include <memory>

#include "admin-api/http/admin_tls.h"
#include "admin-api/http/client_socket.h"
#include "admin-api/http/http_message.h"
#include "service/settings/settings.h"

namespace parley {

// Serves HTTP/1.1 on one address with threads of its own. cpp-httplib reads requests and writes answers;
// accepting, deadlines and the bound on connections are ours, because the library's server has only a timeout for
// each read, gives up its listener on some errors of accept, and refuses descriptors of 1,024 and above.
class HttpListener {
 public:
  // Called on the listener's threads, several at once. HEAD gets the same answer as GET, less the body.
  using Respond = std::function<HttpResponse(const HttpRequest&)>;

  // Binds; port 0 takes a free one. Throws std::runtime_error with one line that names the address, the cause and
  // the remedy. `tls`: of TCP, and for each connection as it is then; nullptr for none. It must outlive the listener.
  explicit HttpListener(const Endpoint& endpoint, const HttpLimits& limits = {}, const AdminTls* tls = nullptr);
  // Stops: cuts every connection and joins the threads.
  ~HttpListener();

  const Endpoint& bound() const;
  void serve(Respond respond);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace parley
