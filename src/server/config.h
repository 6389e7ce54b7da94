// What a server is told, by the command line and by the file that --config names. The command line
// wins.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"

namespace larder::server {

struct Config {
  std::string data;
  std::string listen = "127.0.0.1:9000";
  std::string admin = "127.0.0.1:9001";
  std::string region = "us-east-1";
  std::vector<std::string> domains;  // for buckets in the host; empty: default_domains()
  std::string log_format = "text";   // as log::parse_format takes it
  std::string log_level = "info";    // as log::parse_level does

  /// Neither files nor self_signed: no TLS.
  struct Tls {
    std::string certificate, key;  // PEM files
    bool self_signed = false;
    bool enabled() const { return self_signed || !certificate.empty() || !key.empty(); }
  } tls;
  /// MiB a second that the checking of stored objects reads; 0: it is off; nullopt: as many as a
  /// week needs (weekly_rate()).
  std::optional<std::int64_t> scrub_rate;

  struct Audit {
    std::uint64_t rotate_bytes = 128ull * 1024 * 1024;
    std::int64_t keep_days = 90;                           // 0: for ever
    std::uint64_t keep_bytes = 0;                          // 0: without a bound
    std::set<std::string, std::less<>> object_reads_off;   // buckets
    std::set<std::string, std::less<>> object_writes_off;  // buckets
  } audit;
};

/// localhost and the names under which AWS's clients know S3 in the region.
std::vector<std::string> default_domains(const std::string& region);

/// Reads the TOML file into `config`. An error names the file, the key and what is wrong with it;
/// unknown keys are errors.
Result<void> read_config_file(const std::string& path, Config& config);

/// Checks what can be checked without touching anything: addresses, the region's form, that the
/// settings of TLS go together.
Result<void> check(const Config& config);

namespace codes {
inline constexpr ErrorCode bad_configuration{"BadConfiguration", 500};
}

}  // namespace larder::server
