#include "admin-api/json_views.h"

#include <gtest/gtest.h>

#include "tests/unit/admin-api/fake_service.h"

namespace parley {
namespace {

TEST(JsonViews, ASession) {
  const Json expected = Json::parse(R"({
    "id": "0000000000000007", "protocol": "classic", "name": null, "state": "active",
    "started": "2023-11-14T22:13:21.000Z", "idle_s": 1.5, "resumptions": 0,
    "legs": [
      {"id": "000000000000000e", "address": "192.0.2.1:50000", "connected": "2023-11-14T22:13:21.000Z",
       "messages_in": 3, "messages_out": 4, "bytes_in": 768, "bytes_out": 192, "buffered_bytes": 0, "rsa_bits": 512,
       "client": null, "lost": false, "round_trip_s": 0.00025},
      {"id": "000000000000000f", "address": "192.0.2.1:50001", "connected": "2023-11-14T22:13:21.000Z",
       "messages_in": 4, "messages_out": 3, "bytes_in": 768, "bytes_out": 192, "buffered_bytes": 0, "rsa_bits": 512,
       "client": null, "lost": false, "round_trip_s": null}]})");
  EXPECT_EQ(to_json(make_session(7)).dump(), expected.dump());
}

TEST(JsonViews, WhoWaits) {
  EXPECT_EQ(to_json(Answered<std::vector<WaitingView>>{}).dump(), R"({"legs":[],"incomplete":false})");
  WaitingView waiting;
  waiting.leg.id = {5};
  waiting.leg.address = "[2001:db8::1]:50000";
  const Json view = to_json(Answered<std::vector<WaitingView>>{{waiting}});
  ASSERT_EQ(view["legs"].size(), 1u);
  EXPECT_EQ(view["legs"][0]["address"], "[2001:db8::1]:50000");
  EXPECT_EQ(view["legs"][0]["protocol"], "classic");
}

TEST(JsonViews, Status) {
  FakeService service;
  service.counts_now.protocols[0].sessions = {3, 2, 1};
  service.counts_now.protocols[0].messages_total = 42;
  service.counts_now.shard_loop_lag.resize(2);
  service.counts_now.key_pool.empty_for = std::chrono::seconds(12);
  service.limits_now.max_connections_per_address = 0;
  const Json view = status_json(service);
  EXPECT_EQ(view["state"], "ready");
  EXPECT_EQ(view["started"], "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(view["uptime_s"], 2.5);
  EXPECT_EQ(view["listeners"]["classic"].dump(), R"(["127.0.0.1:10000"])");
  EXPECT_EQ(view["listeners"]["relay"].dump(), R"(["127.0.0.1:10443"])");
  EXPECT_EQ(view["deadlines"]["resume_grace_s"], 60);
  EXPECT_EQ(view["shards"], 2);
  EXPECT_EQ(view["protocols"]["classic"]["sessions"].dump(), R"({"active":3,"held":2,"closing":1})");
  EXPECT_EQ(view["protocols"]["classic"]["messages_total"], 42);
  EXPECT_EQ(view["limits"]["max_connections"], 1000);
  EXPECT_EQ(view["limits"]["max_connections_per_address"], nullptr);
  EXPECT_EQ(view["deadlines"]["handshake_s"], 10);
  EXPECT_EQ(view["key_pool"]["keys"], "per-connection");
  EXPECT_EQ(view["key_pool"]["empty_for_s"], 12);
  EXPECT_FALSE(view["version"].get<std::string>().empty());
}

TEST(JsonViews, TheCertificateAndWhenItExpires) {
  FakeService service;
  const auto shown = [&] { return status_json(service)["certificate"].dump(); };
  EXPECT_EQ(shown(), R"({"pin":"sha256:pin","fingerprint":"00ff","expires":"2027-01-15T08:00:00.000Z"})");
  service.certificate_now->expires.reset();
  EXPECT_EQ(shown(), R"({"pin":"sha256:pin","fingerprint":"00ff","expires":null})");
  service.certificate_now.reset();
  EXPECT_EQ(shown(), "null");
}

}  // namespace
}  // namespace parley
