// S3 behind the real pipeline, on stores in memory, without sockets or signatures: the caller is
// whoever the test says. For tests.
#pragma once

#include <optional>
#include <string>

#include "aws/pipeline.h"
#include "base/clock.h"
#include "base/random.h"
#include "s3/s3.h"
#include "storage/blobs.h"
#include "storage/kv.h"

namespace larder::s3::test {

struct Reply {
  int status = 0;
  http::Headers headers;
  std::string body;

  /// The text of the first element of that name; empty when there is none.
  std::string element(std::string_view name) const;
  /// Of all elements of that name, in order.
  std::vector<std::string> elements(std::string_view name) const;
  std::string header(std::string_view name) const;
  std::string code() const { return element("Code"); }
};

/// Lets everything through that nothing was said against; an account alone owns its buckets.
class Rules final : public aws::Authorizer {
 public:
  aws::Ruling rule(const aws::Caller& caller, const aws::Demand& demand) const override;
  /// Denied from now on: `s3:GetObject`, or an action and an ARN with a space between.
  std::vector<std::string> denied;
};

class World {
 public:
  World(storage::Kv& kv, storage::Blobs& blobs);

  /// `target` as in a request line. The body's Content-Length is added.
  Reply send(std::string method, std::string target, std::string body = "",
             http::Headers headers = {});
  Task<Reply> serve(std::string method, std::string target, std::string body,
                    http::Headers headers);

  Rules rules;
  std::string account = "111111111111";
  std::optional<std::uint64_t> max_bytes{};  // of that account
  ManualClock clock{Time(std::chrono::seconds(1'700'000'000))};
  SeededRandom random{1};
  HashingThreads hashing{1};
  S3 s3;

 private:
  class Credentials;
  class Audit;
  std::shared_ptr<Credentials> credentials_;
  std::shared_ptr<Audit> audit_;
  aws::Pipeline pipeline_;
};

}  // namespace larder::s3::test
