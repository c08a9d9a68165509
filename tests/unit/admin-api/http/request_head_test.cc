#include "admin-api/http/request_head.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

using namespace std::string_literals;

const std::string kLine = "GET /healthz HTTP/1.1\r\n";

std::string text_of(std::string_view head) {
  const auto normal = normalize_head(head);
  return normal ? normal->text : std::string(normal.error());
}

TEST(RequestHead, SaysWhatBodyFollows) {
  const auto none = normalize_head(kLine + "\r\n");
  EXPECT_EQ(none->body_bytes, 0u);
  EXPECT_FALSE(none->chunked || none->expects_continue);
  const auto some = normalize_head("PUT / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 00012\r\n\r\n");
  EXPECT_EQ(some->body_bytes, 12u);
  EXPECT_TRUE(some->expects_continue);
  EXPECT_EQ(some->text, "PUT / HTTP/1.1\r\nContent-Length: 00012\r\n\r\n");
  EXPECT_TRUE(normalize_head("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")->chunked);
  EXPECT_FALSE(normalize_head("PUT / HTTP/1.1\r\nExpect: 200-ok\r\n\r\n"));
  EXPECT_FALSE(normalize_head("PUT / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")->expects_continue);
}

TEST(RequestHead, WhatIsWellFormedStaysAsItIs) {
  for (const std::string& head : {
           kLine + "\r\n",
           kLine + "Host: localhost\r\nX-Empty:\r\nX-Tab:\ta\tb \r\nX-Text: h\xc3\xa9\r\n\r\n",
           "DELETE /api/v1/sessions/1?x=%20 HTTP/1.0\r\nContent-Length: 0\r\n\r\n"s,
           "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"s,
       }) {
    const auto normal = normalize_head(head);
    ASSERT_TRUE(normal) << head << normal.error();
    EXPECT_EQ(normal->text, head);
  }
}

// What readers are known to have taken for different requests, or for none.
TEST(RequestHead, WhatReadersCouldDisagreeAboutIsRefused) {
  const std::string fields[] = {
      "Content-Length : 5\r\n",
      "Transfer-Encoding : chunked\r\n",
      "Transfer-Encoding\t: chunked\r\n",
      " Content-Length: 5\r\n",
      "X: y\r\n Content-Length: 5\r\n",
      "X: y\r\n\tfolded\r\n",
      "Content-Length\r\n",
      "no colon\r\n",
      ": no name\r\n",
      "Content-Length:\r\n",
      "Content-Length: \r\n",
      "Content-Length: +5\r\n",
      "Content-Length: -1\r\n",
      "Content-Length: 0x5\r\n",
      "Content-Length: 5, 5\r\n",
      "Content-Length: 5 5\r\n",
      "Content-Length: 5;\r\n",
      "Content-Length: 99999999999999999999999\r\n",
      "Content-Length: 5\r\nContent-Length: 5\r\n",
      "Content-Length: 0\r\ncontent-length: 5\r\n",
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
      "Transfer-Encoding:\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: chunked, identity\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: \x0b"
      "chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
      "Host: localhost\r\nHost: evil.example\r\n",
      "X: a\0b\r\n"s,
      "X\0: a\r\n"s,
      "X: a\nContent-Length: 5\r\n",
      "X: a\rContent-Length: 5\r\n",
      "X: a\x7f\r\n",
      "X\xc3\xa9: a\r\n",
      "\"X\": a\r\n",
      "X: a\n",
  };
  for (const std::string& field : fields) EXPECT_FALSE(normalize_head(kLine + field + "\r\n")) << field;
  const std::string lines[] = {
      "",
      "GET\r\n",
      "GET /healthz\r\n",
      "GET  /healthz HTTP/1.1\r\n",
      "GET /healthz  HTTP/1.1\r\n",
      "GET /healthz HTTP/1.1 \r\n",
      " GET /healthz HTTP/1.1\r\n",
      "\r\nGET /healthz HTTP/1.1\r\n",
      "GET\t/healthz\tHTTP/1.1\r\n",
      "GET /a b HTTP/1.1\r\n",
      "GET /a\0b HTTP/1.1\r\n"s,
      "GET /a\xff HTTP/1.1\r\n",
      "GET /a#b HTTP/1.1\r\n",
      "GET healthz HTTP/1.1\r\n",
      "GET * HTTP/1.1\r\n",
      "CONNECT localhost:80 HTTP/1.1\r\n",
      "GET http:///healthz HTTP/1.1\r\n",
      "GET https://localhost/healthz HTTP/1.1\r\n",
      "GET /healthz HTTP/2.0\r\n",
      "GET /healthz HTTP/1.10\r\n",
      "GET /healthz http/1.1\r\n",
      "G(T /healthz HTTP/1.1\r\n",
  };
  for (const std::string& line : lines) EXPECT_FALSE(normalize_head(line + "\r\n")) << line;
  EXPECT_FALSE(normalize_head("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_FALSE(normalize_head(kLine)) << "without its end";
}

TEST(RequestHead, AnAbsoluteTargetSaysTheHost) {
  const std::string expected = "GET /a?b HTTP/1.1\r\nX: y\r\nHost: evil.example:80\r\n\r\n";
  EXPECT_EQ(text_of("GET http://evil.example:80/a?b HTTP/1.1\r\nHost: localhost\r\nX: y\r\n\r\n"), expected);
  EXPECT_EQ(text_of("GET HTTP://evil.example:80/a?b HTTP/1.1\r\nX: y\r\nhOST: localhost\r\n\r\n"), expected);
  EXPECT_EQ(text_of("GET http://localhost HTTP/1.1\r\n\r\n"), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(text_of("GET http://localhost?x HTTP/1.1\r\n\r\n"), "GET /?x HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

TEST(RequestHead, GzipIsSaidOnlyByWhoTakesIt) {
  const std::string gzip = kLine + "Accept-Encoding: gzip\r\n\r\n", none = kLine + "\r\n";
  for (const char* list : {"gzip", "br, GZIP", "gzip;q=0.5, identity", "deflate\t, *", "*;q=0, gzip", "gzip; q=1"})
    EXPECT_EQ(text_of(kLine + "accept-encoding: " + list + "\r\n\r\n"), gzip) << list;
  for (const char* list : {"", "identity", "gzip;q=0", "gzip ; q=0.000, *", "br, x-notgzip", "*;q=0", ",;,"})
    EXPECT_EQ(text_of(kLine + "Accept-Encoding: " + list + "\r\n\r\n"), none) << list;
  EXPECT_EQ(text_of(kLine + "Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n\r\n"), gzip);
}

TEST(RequestHead, RangeIsLeftOut) {
  EXPECT_EQ(text_of(kLine + "rANGE: lots\r\nX: y\r\nRange: bytes=0-0\r\n\r\n"), kLine + "X: y\r\n\r\n");
}

}  // namespace
}  // namespace parley
