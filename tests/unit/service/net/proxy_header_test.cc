#include "service/net/proxy_header.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "service/net/address.h"

namespace parley {
namespace {

using namespace std::string_literals;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string kOwn = "its own";  // the address of the connection itself

tl::expected<std::optional<ProxyHeader>, std::string_view> parse(const std::string& bytes) {
  return parse_proxy_header(std::as_bytes(std::span(bytes)));
}

std::string octets(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string block(char command, char kind, const std::string& rest) {
  return kSignature + command + kind + static_cast<char>(rest.size() >> 8U) + static_cast<char>(rest.size() & 255U) +
         rest;
}

struct Case {
  std::string name;
  std::string bytes;
  std::string client;
};

// What others wrote on Debian 12: HAProxy 2.6.12 (send-proxy, send-proxy-v2, its health check), nginx 1.22.1
// (proxy_protocol on), curl 7.88.1 (--haproxy-protocol); and the example of the specification.
const std::vector<Case> kWritten = {
    {"specification", "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n", "192.168.0.1:56324"},
    {"haproxy v1", "PROXY TCP4 127.0.0.1 127.0.0.1 50298 33783\r\n", "127.0.0.1:50298"},
    {"haproxy v1 IPv6", "PROXY TCP6 ::1 ::1 46916 55525\r\n", "[::1]:46916"},
    {"nginx", "PROXY TCP4 127.0.0.1 127.0.0.1 50604 56431\r\n", "127.0.0.1:50604"},
    {"curl", "PROXY TCP4 127.0.0.1 127.0.0.1 36498 38541\r\n", "127.0.0.1:36498"},
    {"haproxy v2", octets("0d0a0d0a000d0a515549540a2111000c7f0000017f000001e22ab95b"), "127.0.0.1:57898"},
    {"haproxy v2 IPv6",
     octets("0d0a0d0a000d0a515549540a212100240000000000000000000000000000000100000000000000000000000000000001ea94e47d"),
     "[::1]:60052"},
    {"haproxy v2 with a checksum and an id",
     octets("0d0a0d0a000d0a515549540a2111002f7f0000017f000001edd8a04503000465017bd105"
            "00193132372e302e302e312d36303838382d3132372e302e302e31"),
     "127.0.0.1:60888"},
    {"haproxy's health check", octets("0d0a0d0a000d0a515549540a20000000"), kOwn},
};

// What the specification says of the rest.
const std::vector<Case> kSpecified = {
    {"shortest line", "PROXY UNKNOWN\r\n", kOwn},
    {"longest line", "PROXY UNKNOWN "s + std::string(39, 'f') + " " + std::string(39, 'f') + " 65535 65535\r\n", kOwn},
    {"longest IPv6",
     "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
     "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
    {"IPv4 within IPv6", "PROXY TCP6 ::ffff:192.0.2.7 ::1 7 8\r\n", "192.0.2.7:7"},
    {"port 0", "PROXY TCP4 192.0.2.7 192.0.2.8 0 0\r\n", "192.0.2.7:0"},
    {"local with an address", block('\x20', '\x11', std::string(12, '\1')), kOwn},
    {"local of a family that does not count", block('\x20', '\x7f', "whatever"), kOwn},
    {"unspecified", block('\x21', '\0', ""), kOwn},
    {"unspecified with an address", block('\x21', '\0', std::string(12, '\1')), kOwn},
    {"UDP", block('\x21', '\x12', std::string(12, '\1')), kOwn},
    {"UNIX", block('\x21', '\x31', std::string(216, '/')), kOwn},
    {"as long as may be", block('\x21', '\x11', std::string(kMaxProxyBlockRestBytes, '\1')), "1.1.1.1:257"},
};

TEST(ProxyHeader, IsReadWholeAndNoFurther) {
  for (const auto* cases : {&kWritten, &kSpecified}) {
    for (const Case& c : *cases) {
      SCOPED_TRACE(c.name);
      for (const std::string& behind : {""s, "\r\n"s, "x"s, c.bytes}) {
        const auto header = parse(c.bytes + behind);
        ASSERT_TRUE(header) << header.error();
        ASSERT_TRUE(*header);
        EXPECT_EQ((*header)->bytes, c.bytes.size());
        EXPECT_EQ((*header)->client ? to_string(to_endpoint(*(*header)->client)) : kOwn, c.client);
      }
      for (std::size_t size = 0; size < c.bytes.size(); ++size) {
        const auto header = parse(c.bytes.substr(0, size));
        ASSERT_TRUE(header) << size << ": " << header.error();
        EXPECT_FALSE(*header) << size;
      }
    }
  }
}

TEST(ProxyHeader, WhatIsNoneIsKnownAtOnce) {
  for (const std::string& bytes : {"GET"s, "PROXX"s, "PROXY\t"s, "proxy "s, "\x16\x03\x01"s, "\r\n\r\n\r"s, "\n"s,
                                   "-----BEGIN RSA PUBLIC KEY-----"s, kSignature + "\x11"s, kSignature + "\x22"s}) {
    EXPECT_FALSE(parse(bytes)) << bytes;
  }
}

TEST(ProxyHeader, MalformedLinesAreRefused) {
  for (const char* line : {
           "TCP4 192.0.2.1 192.0.2.2 1 2\n",        // LF alone
           "TCP4 192.0.2.1 192.0.2.2 1 22\n",       // a digit may be lost with it
           "UNKNOWN\n",                             //
           "UNKNOWN \n",                            //
           "TCP4 192.0.2.1 192.0.2.2 1\n 2\r\n",    //
           "TCP4 192.0.2.1 192.0.2.2 1 2\r\r\n",    //
           "TCP4 192.0.2.1 192.0.2.2 1 2 \r\n",     // one space too many, or too few
           " TCP4 192.0.2.1 192.0.2.2 1 2\r\n",     //
           "TCP4  192.0.2.1 192.0.2.2 1 2\r\n",     //
           "TCP4 192.0.2.1 192.0.2.2 1\r\n",        //
           "TCP4 192.0.2.1 192.0.2.2\r\n",          //
           "TCP4\r\n",                              //
           "\r\n",                                  //
           "TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n",    //
           "TCP4 ::1 ::1 1 2\r\n",                  // of another family
           "TCP6 192.0.2.1 192.0.2.2 1 2\r\n",      //
           "TCP4 192.0.2.1 ::1 1 2\r\n",            //
           "TCP5 192.0.2.1 192.0.2.2 1 2\r\n",      //
           "UDP4 192.0.2.1 192.0.2.2 1 2\r\n",      //
           "tcp4 192.0.2.1 192.0.2.2 1 2\r\n",      //
           "UNKNOWNS 192.0.2.1 192.0.2.2 1 2\r\n",  //
           "TCP4 192.0.2.01 192.0.2.2 1 2\r\n",     // no numbers of theirs
           "TCP4 192.0.2.256 192.0.2.2 1 2\r\n",    //
           "TCP4 192.0.2 192.0.2.2 1 2\r\n",        //
           "TCP4 0xc0.0.2.1 192.0.2.2 1 2\r\n",     //
           "TCP4 192.0.2.1 192.0.2.2 01 2\r\n",     //
           "TCP4 192.0.2.1 192.0.2.2 1 65536\r\n",  //
           "TCP4 192.0.2.1 192.0.2.2 -1 2\r\n",     //
           "TCP4 192.0.2.1 192.0.2.2 +1 2\r\n",     //
           "TCP4 192.0.2.1 192.0.2.2 1 0x2\r\n",    //
           "TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n",        //
           "TCP6 fe80::1%eth0 ::1 1 2\r\n",         //
           "TCP6 [::1] ::1 1 2\r\n",                //
       }) {
    const auto header = parse("PROXY "s + line);
    EXPECT_FALSE(header) << line;
  }
  EXPECT_FALSE(parse("PROXY TCP4 192.0.2.1\0 192.0.2.2 1 2\r\n"s));
}

TEST(ProxyHeader, ALineEndsInTime) {
  const std::string line = "PROXY UNKNOWN "s + std::string(kMaxProxyLineBytes - 16, 'x') + "\r\n";
  ASSERT_EQ(line.size(), kMaxProxyLineBytes);
  EXPECT_TRUE(parse(line));
  EXPECT_FALSE(parse("PROXY UNKNOWN x" + line.substr(14)));
  EXPECT_TRUE(parse(line.substr(0, kMaxProxyLineBytes - 1)));
  EXPECT_FALSE(parse(line.substr(0, kMaxProxyLineBytes - 1) + "x"));
}

TEST(ProxyHeader, MalformedBlocksAreRefused) {
  const std::string addresses(36, '\1');
  EXPECT_FALSE(parse(block('\x01', '\x11', addresses))) << "version 0";
  EXPECT_FALSE(parse(block('\x31', '\x11', addresses))) << "version 3";
  EXPECT_FALSE(parse(block('\x22', '\x11', addresses))) << "another command";
  EXPECT_FALSE(parse(block('\x21', '\x41', addresses))) << "another family";
  EXPECT_FALSE(parse(block('\x21', '\x13', addresses))) << "another transport";
  EXPECT_FALSE(parse(block('\x21', '\x11', addresses.substr(0, 11)))) << "too short for its addresses";
  EXPECT_FALSE(parse(block('\x21', '\x21', addresses.substr(0, 35))));
  EXPECT_FALSE(parse(block('\x21', '\x11', std::string(kMaxProxyBlockRestBytes + 1, '\1'))));
  EXPECT_FALSE(parse(block('\x20', '\0', std::string(kMaxProxyBlockRestBytes + 1, '\1')))) << "and local";
}

}  // namespace
}  // namespace parley
