#include "cli-client/http/answer.h"

#include <gtest/gtest.h>

namespace parley::client {
namespace {

std::optional<Page> find(std::string_view path) {
  if (path == "/page") return Page{"text/plain", "what it says\n"};
  return std::nullopt;
}

std::optional<std::string> answer(const std::string& request) { return answer_to(request, find); }

std::string status(const std::string& request) {
  const auto text = answer(request);
  return text ? text->substr(0, text->find("\r\n")) : "none yet";
}

TEST(HttpAnswer, APageIsShownAndTheConnectionEnds) {
  const std::string text = answer("GET /page HTTP/1.1\r\nHost: x\r\n\r\n").value();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n")) << text;
  EXPECT_TRUE(text.ends_with("\r\n\r\nwhat it says\n")) << text;
  EXPECT_NE(text.find("Connection: close\r\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Content-Length: 13\r\n"), std::string::npos) << text;
}

TEST(HttpAnswer, HeadIsGetLessTheBody) {
  const std::string text = answer("HEAD /page HTTP/1.1\r\nHost: x\r\n\r\n").value();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("\r\n\r\n")) << text;
}

TEST(HttpAnswer, WhatIsNotThereOrNotAllowedSaysSo) {
  EXPECT_EQ(status("GET /none HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(status("POST /page HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"), "HTTP/1.1 405 Method Not Allowed");
  EXPECT_NE(answer("PUT /page HTTP/1.1\r\nHost: x\r\n\r\n")->find("Allow: GET, HEAD\r\n"), std::string::npos);
  EXPECT_EQ(status("no request\r\n\r\n"), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(status("\r\n\r\n"), "HTTP/1.1 400 Bad Request");
}

TEST(HttpAnswer, AHeadThatIsNotWholeIsWaitedForUpToItsBound) {
  EXPECT_EQ(status("GET /page HTTP/1.1\r\nHost: x\r\n"), "none yet");
  const std::string begun = "GET /page HTTP/1.1\r\nX: ";
  EXPECT_EQ(status(begun + std::string(kMostHeadBytes - begun.size() - 1, 'x')), "none yet");
  EXPECT_EQ(status(begun + std::string(kMostHeadBytes, 'x')), "HTTP/1.1 400 Bad Request");
}

}  // namespace
}  // namespace parley::client
