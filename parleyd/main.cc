#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "admin-api/healthcheck.h"
#include "admin-api/http/admin_tls.h"
#include "base/errno_text.h"
#include "base/version.h"
#include "parleyd/ctl.h"
#include "parleyd/running_relay.h"
#include "parleyd/serve.h"
#include "parleyd/signals.h"
#include "service/access/credentials.h"
#include "service/config/config.h"
#include "service/log/log.h"
#include "service/rsa/engine.h"

extern char** environ;

namespace {

constexpr int kCannotStart = 1;
constexpr int kBadConfiguration = 2;
constexpr int kUnhealthy = 1;

parley::config::Environment environment() {
  parley::config::Environment found;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::size_t equals = text.find('=');
    if (equals != text.npos) found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

void print_version(const parley::config::Invocation& invocation) {
  std::printf("parleyd %s\n", std::string(parley::version()).c_str());
  if (!invocation.verbose) return;
  const auto engine = parley::rsa::make_engine(invocation.config.service.crypto_mb);
  std::printf("commit   %s\nopenssl  %s\nengine   %s\n         %s\n", std::string(parley::commit()).c_str(),
              std::string(parley::openssl_version()).c_str(), std::string(engine->name()).c_str(),
              engine->detail().c_str());
}

// The exit status of what was asked to print something.
int written() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return 0;
  std::fprintf(stderr, "parleyd: standard output: %s; send it somewhere else\n", parley::errno_text().c_str());
  return kCannotStart;
}

// What load() has not looked at: the file that --crypto-mb names, and those of relay/1 and of the admin endpoint.
int check(const parley::config::Invocation& invocation) {
  const parley::ServiceSettings& service = invocation.config.service;
  const auto refuse = [](const std::string& why) {
    std::fprintf(stderr, "parleyd: %s\n", why.c_str());
    return kBadConfiguration;
  };
  try {
    parley::rsa::make_engine(service.crypto_mb);
  } catch (const std::exception& failure) {
    return refuse(failure.what());
  }
  if (!service.relay_listen.empty()) {
    if (const auto wrong = parley::check_credentials(service.relay)) return refuse(*wrong);
  }
  if (const auto tls = parley::AdminTls::read(invocation.config.admin); !tls) return refuse(tls.error());
  std::puts("configuration OK");
  return written();
}

int cannot_start(const std::string& why) {
  parley::let_stop_signals_end();  // should nobody read what is written now
  std::fprintf(stderr, "parleyd: %s\n", why.c_str());
  return kCannotStart;
}

int run(std::vector<std::string> arguments) {
  using parley::config::Action;
  if (!arguments.empty() && arguments.front() == "ctl") {
    parley::let_stop_signals_end();
    return parley::ctl({arguments.begin() + 1, arguments.end()}, environment());
  }
  parley::config::Environment variables = environment();
  if (arguments == std::vector<std::string>{"healthcheck"}) {
    arguments.clear();
    parley::take_from_running_relay(arguments, variables);
    arguments.emplace_back("healthcheck");
  }
  auto invocation = parley::config::load(arguments, variables);
  if (!invocation) {
    std::fprintf(stderr, "parleyd: %s\n", invocation.error().message.c_str());
    // Of a health check container engines know 0 and 1, and keep 2 to themselves.
    const bool asks_health = std::ranges::find(arguments, "healthcheck") != arguments.end();
    return asks_health ? kUnhealthy : kBadConfiguration;
  }
  switch (invocation->action) {
    case Action::help:
      std::fputs(parley::config::help_text().c_str(), stdout);
      return written();
    case Action::version:
      print_version(*invocation);
      return written();
    case Action::print_config:
      std::fputs(parley::config::print_config(invocation->settings).c_str(), stdout);
      return written();
    case Action::check_config:
      return check(*invocation);
    case Action::healthcheck:
      return parley::healthcheck(invocation->config.admin);
    case Action::serve:
      break;
  }
  parley::serve(std::move(*invocation), [&](const parley::config::Invocation& running) {
    return parley::config::load_again(running, arguments, environment());
  });
  return 0;
}

}  // namespace

// Memory that is exhausted while serving, or a bug: the process ends, but not without a word.
[[noreturn]] void end_with_a_word() {
  using parley::Level, parley::log_event;
  std::string error = "unknown";
  try {
    if (const auto failure = std::current_exception()) std::rethrow_exception(failure);
  } catch (const std::bad_alloc&) {
    error = "out of memory; give it more, or lower --max-connections";
  } catch (const std::exception& failure) {
    error = failure.what();
  } catch (...) {
  }
  log_event(Level::critical, "ended by a failure while serving", {{"error", error}});
  parley::stop_logging(std::chrono::milliseconds{250});
  std::abort();
}

int main(int argc, char** argv) {
  parley::hold_signals();
  std::set_terminate(end_with_a_word);
  // A core would hold private keys and what clients say to each other.
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::system_error& failure) {
    const std::string_view remedy = parley::remedy_of_scarcity(failure.code().value());
    return cannot_start(std::string(failure.what()) + (remedy.empty() ? "" : "; ") + std::string(remedy));
  } catch (const std::bad_alloc&) {
    return cannot_start("out of memory; give it more, or lower --classic-key-pool");
  } catch (const std::exception& failure) {
    return cannot_start(failure.what());
  }
}
