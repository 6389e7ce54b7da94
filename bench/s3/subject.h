// Who knows what an endpoint is to be asked.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bench/s3/body.h"
#include "bench/s3/cell.h"
#include "bench/s3/credentials.h"
#include "bench/s3/load.h"
#include "bench/s3/request.h"
#include "bench/s3/workload.h"
#include "http/url.h"

namespace larder::bench {

using Workloads = std::vector<std::unique_ptr<Workload>>;

/// One thread at a time.
class Subject {
 public:
  virtual ~Subject() = default;
  /// Before a cell's first round: makes what it reads.
  virtual Result<void> prepare(const Cell& cell) = 0;
  /// For one round, freshly signed: `lanes` of them, good until the next call.
  virtual Result<Workloads> workloads(const Cell& cell, std::size_t lanes) = 0;
  /// Takes away what it made.
  virtual Result<void> clean() = 0;
};

struct StoreSettings {
  http::Url endpoint;
  std::optional<CredentialSource> credentials;  // none: unsigned
  std::string region;
  std::string bucket;          // made when it is not there
  std::size_t objects = 1000;  // of a size, where they are small
  bool sign_payload = false;
  bool keep = false;                     // clean() does nothing
  std::chrono::nanoseconds fill_time{};  // how long a round of DELETEs may put what it deletes
};

/// A bucket of an S3 endpoint. All it makes there is below `bench-s3/`. `server`, `body` and
/// `clock` outlive it.
Result<std::unique_ptr<Subject>> open_store(StoreSettings settings, const Server& server,
                                            Body& body, const Clock& clock);

/// One URL that every request gets, signed unless there are no credentials. As open_store(); `size`
/// becomes the size of what is there.
Result<std::unique_ptr<Subject>> open_page(StoreSettings settings, const Server& server,
                                           const Body& body, const Clock& clock,
                                           std::uint64_t& size);

}  // namespace larder::bench
