#include "aws/request_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/metrics_registry.h"
#include "base/testing/exposition.h"

namespace larder::aws {
namespace {

using Labels = std::map<std::string, std::string>;

class RequestMetricsTest : public ::testing::Test {
 protected:
  metrics::testing::Exposition read() const {
    auto exposition = metrics::testing::parse_exposition(registry_.text());
    EXPECT_TRUE(exposition) << exposition.error();
    return *std::move(exposition);
  }

  metrics::Registry registry_;
  RequestMetrics requests_{{{"iam", {"GetRole"}}, {"s3", {"GetObject", "PutObject"}}}, registry_};
};

TEST_F(RequestMetricsTest, CountARequestUnderItsOperationAndOutcome) {
  requests_.record(1, 1, {.status = 200, .microseconds = 700, .bytes_in = 4096, .bytes_out = 0});
  requests_.record(1, 0, {.status = 404, .error_code = "NoSuchKey", .bytes_out = 300});
  requests_.record(1, 0, {.status = 206, .microseconds = 90'000, .bytes_out = 50});
  const auto seen = read();
  const Labels put{{"service", "s3"}, {"operation", "PutObject"}};
  const Labels get{{"service", "s3"}, {"operation", "GetObject"}};
  const auto with = [](Labels labels, const std::string& name, const std::string& value) {
    labels[name] = value;
    return labels;
  };
  EXPECT_EQ(seen.value("larder_requests_total", with(put, "status", "2xx")), 1);
  EXPECT_EQ(seen.value("larder_requests_total", with(get, "status", "2xx")), 1);
  EXPECT_EQ(seen.value("larder_requests_total", with(get, "status", "4xx")), 1);
  EXPECT_EQ(seen.sum("larder_requests_total"), 3);
  EXPECT_EQ(seen.value("larder_errors_total", {{"service", "s3"}, {"code", "NoSuchKey"}}), 1);
  EXPECT_EQ(seen.sum("larder_errors_total"), 1);
  EXPECT_EQ(seen.value("larder_request_body_bytes_total", put), 4096);
  EXPECT_EQ(seen.value("larder_response_body_bytes_total", get), 350);
  EXPECT_EQ(seen.value("larder_request_duration_seconds_bucket", with(put, "le", "0.0005")), 0);
  EXPECT_EQ(seen.value("larder_request_duration_seconds_bucket", with(put, "le", "0.001")), 1);
  EXPECT_EQ(seen.value("larder_request_duration_seconds_sum", put), 0.0007);
  EXPECT_EQ(seen.value("larder_request_duration_seconds_count", get), 2);
}

TEST_F(RequestMetricsTest, WhatIsNotKnownIsOther) {
  requests_.record(0, std::nullopt, {.status = 501, .error_code = "NotImplemented"});
  requests_.record(0, std::nullopt, {.status = 400, .error_code = "SomethingElse"});
  const auto seen = read();
  const Labels failed{{"service", "iam"}, {"operation", "other"}, {"status", "5xx"}};
  EXPECT_EQ(seen.value("larder_requests_total", failed), 1);
  EXPECT_EQ(seen.value("larder_errors_total", {{"service", "iam"}, {"code", "NotImplemented"}}), 1);
  EXPECT_EQ(seen.value("larder_errors_total", {{"service", "iam"}, {"code", "other"}}), 1);
}

TEST_F(RequestMetricsTest, AnOperationThatNobodyUsedHasNoLines) {
  EXPECT_TRUE(read().samples.empty());
  EXPECT_TRUE(read().types.contains("larder_requests_total"));
}

/// `"NoSuchKey", 404` wherever it stands: a code, and the status that makes it one of an answer.
std::set<std::string> codes_in(const std::string& text) {
  std::set<std::string> found;
  const auto is_letter = [](unsigned char c) { return std::isalnum(c) || c == '.'; };
  for (auto at = text.find('"'); at != text.npos; at = text.find('"', at + 1)) {
    const auto end =
        std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at) + 1, text.end(), is_letter);
    const std::string name(text.begin() + static_cast<std::ptrdiff_t>(at) + 1, end);
    std::string behind(end, std::min(end + 40, text.end()));
    std::erase_if(behind, [](unsigned char c) { return std::isspace(c); });
    const bool status = behind.size() > 5 && behind.starts_with("\",") &&
                        (behind[2] == '4' || behind[2] == '5') && std::isdigit(behind[3]) &&
                        std::isdigit(behind[4]) && !std::isdigit(behind[5]);
    if (status && !name.empty() && std::isupper(name[0])) found.insert(name);
  }
  return found;
}

TEST(ErrorCodes, EveryCodeThatAnAnswerCanHaveIsCountedByItself) {
  // Before there is a service, of the HTTP client, and of starting.
  const std::set<std::string> never_answered = {"AddressInUse",
                                                "BadConfiguration",
                                                "BadDataDirectory",
                                                "BadTlsIdentity",
                                                "BadRequest",
                                                "ExpectationFailed",
                                                "ListenFailed",
                                                "HttpVersionNotSupported",
                                                "Locked",
                                                "MalformedResponse",
                                                "RequestTargetTooLong",
                                                "ResponseTooLarge",
                                                "TransferCodingNotImplemented"};
  const auto counted = counted_error_codes();
  std::size_t seen = 0;
  for (const auto* module :
       {"aws", "base", "ec2", "http", "iam", "policy", "s3", "server", "sigv4", "storage", "sts"}) {
    const auto folder = std::string(LARDER_SOURCE_DIR "/src/") + module;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const auto path = entry.path().string();
      const bool source = path.ends_with(".h") || path.ends_with(".cc");
      if (!source || path.ends_with("_test.cc") || path.contains("/testing/")) continue;
      std::ifstream file(path);
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      for (const auto& code : codes_in(text)) {
        ++seen;
        if (never_answered.contains(code)) continue;
        EXPECT_TRUE(std::ranges::binary_search(counted, code)) << code << " of " << path;
      }
    }
  }
  EXPECT_GT(seen, 80u);
}

}  // namespace
}  // namespace larder::aws
