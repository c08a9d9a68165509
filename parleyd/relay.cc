#include "parleyd/relay.h"

#include <openssl/rand.h>
#include <sys/resource.h>

#include <algorithm>
#include <asio/post.hpp>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include "base/openssl.h"
#include "service/log/log.h"

namespace parley {

namespace {

using std::chrono::seconds;

constexpr unsigned kFewCores = 4;
constexpr seconds kAnswerWithin{1};   // a view's questions to the shards
constexpr seconds kTickWithin{5};     // liveness
constexpr seconds kPoolEmptyFor{10};  // worth a word
// How fast relay/1's clients come back after a drain, wherever they go: each needs a TLS handshake.
constexpr milliseconds::rep kReturnsPerSecond = 500;
constexpr milliseconds kReturnLeast{500};
constexpr milliseconds kReturnMost{30'000};
// Kept back from connections: for logs, the files that a reload reads, and three admin endpoints' 32 connections each.
constexpr rlim_t kReservedDescriptors = 128;
constexpr rlim_t kDescriptorsOfShard = 3 + 2;     // Asio's and the Poller's
constexpr rlim_t kDescriptorsOfListener = 1 + 1;  // its socket and its spare one, on each shard

unsigned cores() { return std::max(1U, std::thread::hardware_concurrency()); }

// The upper half of every id, see base/ids.h.
std::uint64_t draw_first_id() {
  std::uint32_t drawn = 0;
  must(RAND_bytes(reinterpret_cast<unsigned char*>(&drawn), sizeof drawn) == 1, "RAND_bytes");
  return (static_cast<std::uint64_t>(drawn) << 32) + 1;
}

std::vector<std::string> changed_files(const RelaySettings& settings, const Credentials& before,
                                       const Credentials& after) {
  std::vector<std::string> changed;
  if (!after.tls.same_certificate(before.tls))
    changed.emplace_back(settings.self_signed.empty() ? "cert" : "self-signed");
  if (!after.tls.same_authorities(before.tls)) changed.emplace_back("relay-client-ca");
  if (after.access != before.access) changed.emplace_back("access-file");
  if (*after.token_keys != *before.token_keys) {
    const char* const option = settings.token_key_file.empty() ? "self-signed" : "token-key-file";
    if (std::ranges::find(changed, option) == changed.end()) changed.emplace_back(option);
  }
  return changed;
}

}  // namespace

unsigned shards_of(const ServiceSettings& settings) { return settings.shards != 0 ? settings.shards : cores(); }

Limits fit_to_descriptors(const ServiceSettings& settings) {
  Limits limits = settings.limits;
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return limits;
  descriptors.rlim_cur = descriptors.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  const rlim_t listeners = settings.classic_listen.size() + settings.relay_listen.size();
  const rlim_t reserved =
      kReservedDescriptors + shards_of(settings) * (kDescriptorsOfShard + listeners * kDescriptorsOfListener);
  const rlim_t kept = std::min<rlim_t>(reserved, descriptors.rlim_cur / 2);
  const auto most = static_cast<std::size_t>(descriptors.rlim_cur - kept);
  if (limits.max_connections > most) {
    log_event(Level::warning, "connection limit lowered to what descriptors allow",
              {{"max_connections", limits.max_connections},
               {"lowered_to", most},
               {"descriptors", descriptors.rlim_cur},
               {"remedy", "ulimit -Hn"}});
  }
  limits.max_connections = limits.max_connections == 0 ? most : std::min(limits.max_connections, most);
  return limits;
}

Relay::Relay(const ServiceSettings& settings, const PassedListeners& passed)
    : started_(std::chrono::system_clock::now()),
      started_at_(std::chrono::steady_clock::now()),
      next_id_(draw_first_id()),
      last_good_reload_(started_),
      limits_(fit_to_descriptors(settings)),
      deadlines_(settings.deadlines),
      engine_(rsa::make_engine(settings.crypto_mb)),
      admission_(limits_) {
  // Where RSA is done one operation at a time and cores are few, handing it to workers costs more than doing it in
  // place: 1.12 against 1.08 of OpenSSL's own time on two cores, in turns (five rounds). crypto_mb's batches need
  // workers.
  const bool in_place = engine_->batch() == 1 && cores() <= kFewCores;
  const unsigned workers = settings.workers.value_or(in_place ? 0 : cores());
  const unsigned shards = shards_of(settings);
  if (!settings.relay_listen.empty()) {
    auto loaded = load_credentials(settings.relay, nullptr);
    if (!loaded) throw std::runtime_error(loaded.error());
    credentials_ = std::move(*loaded);
  }
  classic_listeners_ = listen(open_or_take(settings.classic_listen, passed.classic, shards), Protocol::classic);
  relay_listeners_ = listen(open_or_take(settings.relay_listen, passed.relay, shards), Protocol::relay);
  if (workers > 0) workers_ = std::make_unique<rsa::Workers>(*engine_, workers);
  ClassicSettings classic = settings.classic;
  if (classic_listeners_.empty()) {  // nobody will ask for a key: none is made, a shared one neither
    classic.keys = ClassicKeys::per_connection;
    classic.key_pool = 0;
  }
  key_pool_ = std::make_unique<rsa::KeyPool>(classic, cores());
  ServiceSettings fitted = settings;
  fitted.limits = limits_;
  for (unsigned i = 0; i < shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(fitted, credentials_,
                                              SharedServices{lobby_, rooms_, in_transit_, events_, admission_, *engine_,
                                                             workers_.get(), *key_pool_, next_id_}));
  }
}

std::vector<Endpoint> Relay::listen(std::vector<ListeningSockets> listeners, Protocol protocol) {
  std::vector<Endpoint> bound;
  for (ListeningSockets& one : listeners) {
    bound.push_back(one.bound);
    for (Descriptor& socket : one.sockets) sockets_.push_back({std::move(socket), protocol});
  }
  return bound;
}

Relay::~Relay() { stop(); }

void Relay::start() {
  for (std::size_t i = 0; i < sockets_.size(); ++i)
    shards_[i % shards_.size()]->add_listener(std::move(sockets_[i].socket), sockets_[i].protocol);
  sockets_.clear();
  for (std::size_t i = 0; i < shards_.size(); ++i)
    shards_[i]->start(
        {.name = "shard", .number = i + 1, .of = shards_.size(), .fewer = "lower --shards", .prompt = true});
  state_ = ServiceState::ready;
}

void Relay::begin_drain(const DrainView& drain) {
  const std::lock_guard lock(reload_mutex_);
  drain_ = drain;
  state_ = ServiceState::draining;
}

std::optional<DrainView> Relay::drain() const {
  const std::lock_guard lock(reload_mutex_);
  return drain_;
}

void Relay::undrain() {
  for (const auto& shard : shards_) shard->undrain();
  const std::lock_guard lock(reload_mutex_);
  drain_.reset();
  state_ = ServiceState::ready;
}

void Relay::drain_classic(Listeners listeners) {
  for (const auto& shard : shards_) shard->drain_classic(listeners);
}

milliseconds Relay::time_to_return() const {
  const auto clients = static_cast<milliseconds::rep>(admission_.connections(Protocol::relay));
  return std::clamp(milliseconds{1000} * clients / kReturnsPerSecond, kReturnLeast, kReturnMost);
}

milliseconds Relay::time_to_tell(std::optional<milliseconds> drain) const {
  return drain ? std::min(time_to_return(), *drain / 2) : time_to_return();
}

void Relay::drain_relay(Listeners listeners, milliseconds tell_within) {
  const milliseconds return_within = time_to_return();
  for (const auto& shard : shards_) shard->drain_relay(listeners, tell_within, return_within);
}

bool Relay::drained() const { return admission_.connections() == 0; }

bool Relay::drained(Protocol protocol) const { return admission_.connections(protocol) == 0; }

void Relay::end_sessions(EndReason reason, bool at_once) {
  for (const auto& shard : shards_) shard->end_sessions({reason, EndedBy::relay}, at_once);
}

void Relay::stop() {
  if (state_.exchange(ServiceState::stopped) == ServiceState::stopped) return;
  for (const auto& shard : shards_) {
    shard->drain_classic(Listeners::close);
    shard->drain_relay(Listeners::close, milliseconds{0}, milliseconds{0});
    shard->end_sessions({EndReason::draining, EndedBy::relay}, true);
    shard->stop();
  }
  for (const auto& shard : shards_) shard->join();
}

void Relay::reload(ServiceSettings settings) {
  settings.classic_listen = classic_listeners_;  // what is open counts; other addresses need a restart
  settings.relay_listen = relay_listeners_;
  settings.limits = fit_to_descriptors(settings);
  {
    const std::lock_guard lock(reload_mutex_);
    limits_ = settings.limits;
    deadlines_ = settings.deadlines;
  }
  admission_.set_limits(settings.limits);
  for (const auto& shard : shards_) shard->reload(settings);
  reloads_[0].add();
  last_reload_ok_ = true;
  last_good_reload_ = std::chrono::system_clock::now();
}

std::optional<CertificateView> Relay::certificate() const {
  const std::lock_guard lock(reload_mutex_);
  if (!credentials_) return std::nullopt;
  const TlsContext& shown = credentials_->tls;
  return CertificateView{shown.pin(), shown.fingerprint(), shown.expires(), shown.missing_issuer()};
}

tl::expected<std::vector<std::string>, std::string> Relay::reload_credentials(const RelaySettings& relay) {
  if (relay_listeners_.empty()) return std::vector<std::string>{};
  if (relay.certificate.empty() && relay.self_signed.empty())
    return tl::unexpected(
        std::string("relay/1 is on and there is no certificate any more; give --cert and --key, or "
                    "--self-signed DIR, or restart without"));
  auto loaded = load_credentials(relay, credentials_.get());
  if (!loaded) return tl::unexpected(loaded.error());
  for (const auto& shard : shards_) shard->set_credentials(*loaded);
  const std::lock_guard lock(reload_mutex_);
  const auto before = std::exchange(credentials_, std::move(*loaded));
  return changed_files(relay, *before, *credentials_);
}

void Relay::count_failed_reload() {
  reloads_[1].add();
  last_reload_ok_ = false;
}

std::size_t Relay::max_connections() const { return limits().max_connections; }

Limits Relay::limits() const {
  const std::lock_guard lock(reload_mutex_);
  return limits_;
}

Deadlines Relay::deadlines() const {
  const std::lock_guard lock(reload_mutex_);
  return deadlines_;
}

Counts Relay::counts() const {
  Counts counts;
  for (const auto& shard : shards_) {
    const ShardCounters& counters = shard->counters();
    for (std::size_t i = 0; i < kProtocols; ++i) counters.protocols[i].add_to(counts.protocols[i]);
    counts.buffered_bytes += counters.buffered_bytes.get();
    counts.shard_loop_lag.emplace_back(shard->loop_lag());
  }
  for (std::size_t i = 0; i < kProtocols; ++i) {
    counts.protocols[i].connections = admission_.connections(static_cast<Protocol>(i));
  }
  counts.protocols[static_cast<std::size_t>(Protocol::classic)].lobby_legs = lobby_.waiting();
  counts.protocols[static_cast<std::size_t>(Protocol::relay)].lobby_legs = rooms_.waiting();
  counts.key_pool = key_pool_->view();
  if (workers_ != nullptr) counts.workers = workers_->view();
  counts.workers.engine = engine_->name();
  counts.workers.engine_detail = engine_->detail();
  for (const auto& shard : shards_) {
    shard->opener().counters().add_to(counts.workers);
    counts.workers.queued += shard->opener().queued();
  }
  counts.workers.generate_key_seconds = key_pool_->generate_seconds();
  for (std::size_t i = 0; i < reloads_.size(); ++i) counts.reloads_total[i] = reloads_[i].get();
  counts.last_reload_ok = last_reload_ok_;
  counts.last_good_reload = last_good_reload_;
  return counts;
}

template <class Answer>
Answered<std::vector<Answer>> Relay::ask(const std::function<Answer(Shard&)>& question) const {
  std::vector<std::future<Answer>> pending;
  for (const auto& shard : shards_) {
    // The task owns what it needs: an answer may come after nobody waits for it any more.
    auto task =
        std::make_shared<std::packaged_task<Answer()>>([question, shard = shard.get()] { return question(*shard); });
    pending.push_back(task->get_future());
    asio::post(shard->io(), [task] { (*task)(); });
  }
  const auto until = std::chrono::steady_clock::now() + kAnswerWithin;
  Answered<std::vector<Answer>> answers;
  for (auto& answer : pending) {
    if (answer.wait_until(until) == std::future_status::ready) {
      answers.value.push_back(answer.get());
    } else {
      answers.complete = false;
    }
  }
  return answers;
}

Answered<std::vector<SessionView>> Relay::sessions(const SessionQuery& query) const {
  auto answers = ask<std::vector<SessionView>>([query](Shard& shard) { return shard.sessions().list(query); });
  Answered<std::vector<SessionView>> all{.value = {}, .complete = answers.complete};
  for (auto& some : answers.value) std::ranges::move(some, std::back_inserter(all.value));
  std::ranges::sort(all.value, std::greater{}, &SessionView::id);
  if (all.value.size() > query.limit) all.value.resize(query.limit);
  return all;
}

Answered<std::optional<SessionView>> Relay::session(SessionId id) const {
  auto answers = ask<std::optional<SessionView>>([id](Shard& shard) { return shard.sessions().find(id); });
  for (auto& found : answers.value) {
    if (found) return {.value = std::move(found), .complete = answers.complete};
  }
  return {.value = std::nullopt, .complete = answers.complete};
}

Answered<std::vector<WaitingView>> Relay::lobby() const {
  // In this order, so that none is missed: one may have arrived meanwhile.
  auto in_transit = in_transit_.legs();
  auto answers = ask<std::vector<WaitingView>>([](Shard& shard) { return shard.waiting(); });
  Answered<std::vector<WaitingView>> all{.value = {}, .complete = answers.complete};
  for (auto& some : answers.value) std::ranges::move(some, std::back_inserter(all.value));
  std::erase_if(in_transit, [&](const WaitingView& leg) {
    return std::ranges::any_of(all.value, [&](const WaitingView& other) { return other.leg.id == leg.leg.id; });
  });
  std::ranges::move(in_transit, std::back_inserter(all.value));
  return all;
}

Answered<bool> Relay::end_session(SessionId id) {
  const auto answers = ask<bool>(
      [id](Shard& shard) { return shard.sessions().end(id, {EndReason::ended_by_operator, EndedBy::relay}); });
  return {.value = std::ranges::find(answers.value, true) != answers.value.end(), .complete = answers.complete};
}

std::chrono::duration<double> Relay::uptime() const { return std::chrono::steady_clock::now() - started_at_; }

std::vector<Health::Check> Relay::liveness() const {
  std::vector<Check> checks;
  const TimePoint now = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const auto silent = std::chrono::duration_cast<seconds>(now - shards_[i]->last_tick());
    checks.push_back({"shard " + std::to_string(i), silent <= kTickWithin,
                      "last tick " + std::to_string(silent.count()) + " s ago"});
  }
  return checks;
}

std::vector<Health::Check> Relay::readiness() const {
  std::vector<Check> checks;
  const ServiceState now = state();
  checks.push_back({"state", now == ServiceState::ready, std::string(label(now))});
  checks.push_back(
      {"listeners", !classic_listeners_.empty() || !relay_listeners_.empty(),
       "classic " + std::to_string(classic_listeners_.size()) + ", relay " + std::to_string(relay_listeners_.size())});
  std::ranges::move(liveness(), std::back_inserter(checks));
  checks.push_back(connections_check());
  if (!classic_listeners_.empty()) checks.push_back(key_pool_check());
  if (const auto shown = certificate(); shown && shown->expires) {
    const bool expired = *shown->expires <= std::chrono::system_clock::now();
    checks.push_back({.name = "relay certificate",
                      .ok = !expired,
                      .detail = (expired ? "expired " : "expires ") + rfc3339(*shown->expires),
                      .decides = false});
  }
  return checks;
}

Health::Check Relay::connections_check() const {
  const std::size_t limit = max_connections();
  const std::size_t classic = admission_.connections(Protocol::classic);
  const std::size_t relay = admission_.connections(Protocol::relay);
  const bool full = limit != 0 && classic + relay >= limit;
  return {.name = "connections",
          .ok = !full,
          .detail = (full ? "at the connection limit, " : "") + std::to_string(classic + relay) + " of at most " +
                    std::to_string(limit) + " (classic " + std::to_string(classic) + ", relay " +
                    std::to_string(relay) + ")",
          .decides = false};
}

Health::Check Relay::key_pool_check() const {
  constexpr const char* kName = "classic key pool";
  // That is still part of starting: whoever comes has to wait for it, and on a busy machine in vain.
  if (key_pool_->generate_seconds().count() == 0) return {kName, false, "the first key is being made"};
  const KeyPoolView pool = key_pool_->view();
  const bool starved = pool.empty_for && *pool.empty_for >= kPoolEmptyFor;
  return {.name = kName,
          .ok = !starved,
          .detail = (starved ? "empty for " + std::to_string(pool.empty_for->count()) + " s, " : "") +
                    std::to_string(pool.ready) + " keys ready, " + std::to_string(pool.waiting) + " connections wait",
          .decides = false};
}

}  // namespace parley
