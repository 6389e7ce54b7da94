// The command line.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "bench/s3/cell.h"
#include "bench/s3/credentials.h"
#include "bench/s3/transport.h"
#include "http/url.h"

namespace larder::bench {

/// One of the endpoints that are measured.
struct EndpointOptions {
  std::string name;  // in the table
  http::Url url;
  std::string credentials;       // as CredentialSource takes them
  std::optional<pid_t> process;  // none: found by the port
};

struct Options {
  std::vector<EndpointOptions> endpoints;  // one or two
  bool get_url = false;                    // the URLs are what is got, not S3 endpoints
  bool is_unsigned = false;
  std::vector<Kind> kinds;
  std::vector<std::uint64_t> sizes;
  std::vector<std::size_t> connections;
  std::chrono::nanoseconds round_time{}, warm_up{};
  std::size_t rounds = 0;
  std::size_t objects = 0;
  std::size_t threads = 0;
  std::string region, bucket, json;  // empty: none named
  bool keep = false, sign_payload = false, descendants = false;
  TlsOptions tls;
};

/// Does what --help and the like ask for, and explains what is wrong on stderr: then an exit
/// status.
std::expected<Options, int> parse_options(int argc, char** argv, const Environment& environment);

}  // namespace larder::bench
