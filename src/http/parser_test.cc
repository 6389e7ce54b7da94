#include "http/parser.h"

#include <gtest/gtest.h>

#include "http/url.h"

namespace larder::http {
namespace {

RequestHead parsed(std::string_view text) {
  auto head = parse_request_head(text);
  EXPECT_TRUE(head.has_value()) << (head ? "" : head.error().message);
  if (!head || !*head) return {};
  return **std::move(head);
}

int status_of(std::string_view text) {
  const auto head = parse_request_head(text);
  return head ? 0 : head.error().code.http_status;
}

std::string get(std::string_view lines) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(lines) + "\r\n";
}

TEST(RequestHead, IsReadWithItsSizeSoThatTheBodyFollows) {
  const std::string text =
      "PUT /b/k%20%2F?acl HTTP/1.1\r\nHost: example:9000\r\nx-Amz-Date:  now \t\r\n"
      "Empty:\r\nContent-Length: 5\r\n\r\n";
  const RequestHead head = parsed(text + "hello");
  EXPECT_EQ(head.method, "PUT");
  EXPECT_EQ(head.target, "/b/k%20%2F?acl");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.headers.find("X-AMZ-DATE"), "now");
  EXPECT_EQ(head.headers.find("empty"), "");
  EXPECT_EQ(head.framing, Framing::length);
  EXPECT_EQ(head.content_length, 5u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.size, text.size());
}

TEST(RequestHead, AsksForMoreAtEveryPrefix) {
  const std::string text = get("A: b\r\n");
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto head = parse_request_head(std::string_view(text).substr(0, size));
    ASSERT_TRUE(head.has_value()) << size;
    EXPECT_FALSE(head->has_value()) << size;
  }
  EXPECT_EQ(parsed(text).headers.size(), 2u);
}

TEST(RequestHead, FoundByteByByteEndsWhereItEndsAtOnce) {
  const std::string text = "\r\n" + get("A: b\r\n") + "GET /next";
  std::size_t scanned = 0;
  std::optional<std::size_t> end;
  for (std::size_t size = 0; size <= text.size() && !end; ++size) {
    const auto found = find_head_end(std::string_view(text).substr(0, size), scanned);
    ASSERT_TRUE(found.has_value());
    end = *found;
  }
  EXPECT_EQ(end, text.size() - 9);
  EXPECT_EQ(parsed(text).size, text.size() - 9);
}

struct Refusal {
  const char* why;
  std::string text;
  int status;
};

std::vector<Refusal> smuggling_forms() {
  const std::string cl = "Content-Length: 5\r\n";
  const std::string te = "Transfer-Encoding: chunked\r\n";
  return {
      {"both framings", get(cl + te), 400},
      {"both framings, other order", get(te + cl), 400},
      {"two lengths that differ", get(cl + "Content-Length: 6\r\n"), 400},
      {"two lengths that agree", get(cl + cl), 400},
      {"a list of lengths", get("Content-Length: 5, 5\r\n"), 400},
      {"a negative length", get("Content-Length: -1\r\n"), 400},
      {"a signed length", get("Content-Length: +5\r\n"), 400},
      {"a hexadecimal length", get("Content-Length: 0x5\r\n"), 400},
      {"an empty length", get("Content-Length:\r\n"), 400},
      {"a length past 2^63", get("Content-Length: 9223372036854775808\r\n"), 400},
      {"a length past 2^64", get("Content-Length: 99999999999999999999\r\n"), 400},
      {"chunked twice", get("Transfer-Encoding: chunked, chunked\r\n"), 400},
      {"chunked in two fields", get(te + te), 400},
      {"an empty coding", get("Transfer-Encoding:\r\n"), 400},
      {"an empty coding in a list", get("Transfer-Encoding: chunked,\r\n"), 400},
      {"an unknown coding", get("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"a coding that is nearly chunked", get("Transfer-Encoding: xchunked\r\n"), 501},
      {"a coding in quotes", get("Transfer-Encoding: \"chunked\"\r\n"), 501},
      {"a vertical tab before the coding", get("Transfer-Encoding: \vchunked\r\n"), 400},
      {"chunked in HTTP/1.0", "GET / HTTP/1.0\r\n" + te + "\r\n", 400},
      {"a space before the colon", get("Content-Length : 5\r\n"), 400},
      {"a tab before the colon", get("Content-Length\t: 5\r\n"), 400},
      {"a folded line", get("A: b\r\n c\r\n"), 400},
      {"a folded first line", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"no colon", get("Content-Length\r\n"), 400},
      {"an empty name", get(": 5\r\n"), 400},
      {"a bare LF", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400},
      {"a bare LF between headers", get("A: b\nContent-Length: 5\r\n"), 400},
      {"a bare LF as the empty line", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400},
      {"a bare CR in a value", get("A: b\rContent-Length: 5\r\n"), 400},
      {"CR CR LF", "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n", 400},
      {"a NUL in a value", get(std::string("A: b\0c\r\n", 8)), 400},
      {"a NUL in a name", get(std::string("A\0: b\r\n", 7)), 400},
      {"a control character in a value", get("A: \x01\r\n"), 400},
      {"DEL in a value", get("A: \x7f\r\n"), 400},
  };
}

TEST(RequestHead, WhatTwoParsersCouldReadDifferentlyIsRefused) {
  for (const auto& form : smuggling_forms())
    EXPECT_EQ(status_of(form.text), form.status) << form.why;
}

TEST(RequestHead, MalformedRequestLinesAreRefused) {
  const std::string rest = "\r\nHost: h\r\n\r\n";
  const std::vector<Refusal> forms = {
      {"no version", "GET /" + rest, 400},
      {"no target", "GET HTTP/1.1" + rest, 400},
      {"an empty target", "GET  HTTP/1.1" + rest, 400},
      {"two spaces after the method", "GET  / HTTP/1.1" + rest, 400},
      {"a space in the target", "GET /a b HTTP/1.1" + rest, 400},
      {"a tab in the target", "GET /a\tb HTTP/1.1" + rest, 400},
      {"a NUL in the target", std::string("GET /a\0b HTTP/1.1", 17) + rest, 400},
      {"a leading space", " GET / HTTP/1.1" + rest, 400},
      {"a trailing space", "GET / HTTP/1.1 " + rest, 400},
      {"a method that is no token", "G@T / HTTP/1.1" + rest, 400},
      {"a relative target", "GET a HTTP/1.1" + rest, 400},
      {"a star for GET", "GET * HTTP/1.1" + rest, 400},
      {"a host as the target", "CONNECT h:443 HTTP/1.1" + rest, 400},
      {"another scheme", "GET ftp://h/ HTTP/1.1" + rest, 400},
      {"a URL without a host", "GET http:///a HTTP/1.1" + rest, 400},
      {"a URL with user information", "GET http://u@h/a HTTP/1.1" + rest, 400},
      {"a URL of another host", "GET http://g/a HTTP/1.1" + rest, 400},
      {"lower-case HTTP", "GET / http/1.1" + rest, 400},
      {"HTTP/1.2", "GET / HTTP/1.2" + rest, 505},
      {"HTTP/2.0", "GET / HTTP/2.0" + rest, 505},
      {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/0.9", "GET / HTTP/0.9" + rest, 505},
      {"HTTP/1.10", "GET / HTTP/1.10" + rest, 400},
      {"a second empty line in front", "\r\n\r\nGET / HTTP/1.1" + rest, 400},
  };
  for (const auto& form : forms) EXPECT_EQ(status_of(form.text), form.status) << form.why;
}

TEST(RequestHead, NeedsExactlyOneValidHostInHttp11) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_of(get("Host: h\r\n")), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: [::1]:9000\r\n\r\n"), 0);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 0);
}

TEST(RequestHead, TakesHostsAndPortsOfTheirGrammarAlone) {
  for (const auto* host : {"", "h.", "h:", "h:0", "h:65535", "my_host", "192.0.2.1:80",
                           "[2001:db8::192.0.2.1]", "a%2d"})
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), 0) << host;
  for (const auto* host :
       {"h:65536", "h:x", "h:-1",   "h:+1",    "h: 1",   "h:1:2", "h:80,g", "a,b", ":80",  "[::1",
        "::1",     "[]",  "[::1]x", "[::1]:x", "[g::1]", "a%2",   "a%zz",   "a\"", "a[b]", "a#b"}) {
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), 400) << host;
    EXPECT_EQ(status_of("GET http://" + std::string(host) + "/ HTTP/1.0\r\n\r\n"), 400) << host;
  }
  // In a target this one is a host and its query.
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a?b\r\n\r\n"), 400);
}

TEST(RequestHead, TargetsKeepTheirBytesAndAbsoluteOnesLoseTheirHost) {
  const auto target = [](std::string_view raw) {
    return parsed("GET " + std::string(raw) + " HTTP/1.1\r\nHost: h:1\r\n\r\n").target;
  };
  EXPECT_EQ(target("/a//../b/./%zz\xff\xc3?x=1?y#z"), "/a//../b/./%zz\xff\xc3?x=1?y#z");
  EXPECT_EQ(target("http://h:1/a?b"), "/a?b");
  EXPECT_EQ(target("HTTPS://H:1"), "/");
  EXPECT_EQ(target("http://h:1?list"), "/?list");
  EXPECT_EQ(target("//double"), "//double");
  EXPECT_EQ(parsed("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").target, "*");
}

TEST(RequestHead, ConnectionHeaderAndVersionDecideWhetherItIsKept) {
  const auto kept = [](std::string_view version, std::string_view lines) {
    return parsed("GET / HTTP/" + std::string(version) + "\r\nHost: h\r\n" + std::string(lines) +
                  "\r\n")
        .keep_alive;
  };
  EXPECT_TRUE(kept("1.1", ""));
  EXPECT_FALSE(kept("1.1", "Connection: TE, Close\r\n"));
  EXPECT_TRUE(kept("1.1", "Connection: closed\r\n"));
  EXPECT_FALSE(kept("1.0", ""));
  EXPECT_TRUE(kept("1.0", "Connection: Keep-Alive\r\n"));
}

TEST(RequestHead, OnlyContinueCanBeExpectedAndOnlyForABody) {
  EXPECT_TRUE(parsed(get("Expect: 100-Continue\r\nContent-Length: 1\r\n")).expects_continue);
  EXPECT_FALSE(parsed(get("Expect: 100-continue\r\n")).expects_continue);
  EXPECT_EQ(status_of(get("Expect: miracles\r\n")), 417);
  EXPECT_FALSE(parsed("PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
                   .expects_continue);
}

TEST(RequestHead, LimitsHold) {
  const HeadLimits limits{.head_max = 200, .headers_count_max = 3};
  const auto status = [&](const std::string& text) {
    const auto head = parse_request_head(text, limits);
    return head ? 0 : head.error().code.http_status;
  };
  EXPECT_EQ(status(get("A: b\r\nC: d\r\n")), 0);
  EXPECT_EQ(status(get("A: b\r\nC: d\r\nE: f\r\n")), 431);
  EXPECT_EQ(status(get("A: " + std::string(200, 'b') + "\r\n")), 431);
  EXPECT_EQ(status("GET /" + std::string(200, 'a')), 414);
  EXPECT_EQ(status("GET /" + std::string(150, 'a')), 0);
  const std::string exact = get("A: " + std::string(200 - 32, 'b') + "\r\n");
  ASSERT_EQ(exact.size(), 200u);
  EXPECT_EQ(status(exact + "body"), 0);
}

TEST(ResponseHead, FramingFollowsStatusAndHeaders) {
  const auto response = [](std::string_view text) {
    auto head = parse_response_head(text);
    EXPECT_TRUE(head && *head) << text;
    return head && *head ? **head : ResponseHead{};
  };
  EXPECT_EQ(response("HTTP/1.1 200 OK\r\n\r\n").framing, Framing::until_close);
  EXPECT_EQ(response("HTTP/1.1 204\r\n\r\n").framing, Framing::none);
  EXPECT_EQ(response("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n").framing, Framing::none);
  EXPECT_EQ(response("HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\n").content_length, 7u);
  EXPECT_EQ(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").framing,
            Framing::chunked);
  EXPECT_FALSE(parse_response_head("HTTP/1.1 20 OK\r\n\r\n").has_value());
  EXPECT_FALSE(parse_response_head("HTTP/1.1 2000 OK\r\n\r\n").has_value());
  EXPECT_FALSE(parse_response_head("\r\nHTTP/1.1 200 OK\r\n\r\n").has_value());
}

TEST(Headers, CompareNamesWithoutCaseAndKeepTheirOrder) {
  Headers headers{{"A", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(headers.find("a"), "1");
  EXPECT_EQ(headers.count("a"), 2u);
  headers.set("A", "4");
  EXPECT_EQ(headers, (Headers{{"A", "4"}, {"b", "2"}}));
  headers.set("C", "5");
  headers.erase("B");
  EXPECT_EQ(headers, (Headers{{"A", "4"}, {"C", "5"}}));
  EXPECT_FALSE(headers.contains("b"));
}

TEST(Target, SplitsAtTheFirstQuestionMark) {
  EXPECT_EQ(split_target("/a?b?c").path, "/a");
  EXPECT_EQ(split_target("/a?b?c").query, "b?c");
  EXPECT_EQ(split_target("/a?").query, "");
  EXPECT_EQ(split_target("/a").query, std::nullopt);
}

TEST(Url, IsTakenApart) {
  const auto url = parse_url("http://[::1]:9000/a?b#c");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 9000);
  EXPECT_EQ(url->target, "/a?b");
  EXPECT_EQ(parse_url("HTTPS://h")->port, 443);
  EXPECT_EQ(parse_url("https://h?x")->target, "/?x");
  for (const char* bad : {"h", "ftp://h", "http://", "http://u@h", "http://h:0", "http://h:65536",
                          "http://h:x", "http://::1/", "http://h/ "}) {
    EXPECT_FALSE(parse_url(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace larder::http
