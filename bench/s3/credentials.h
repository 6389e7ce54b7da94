// Where an endpoint's credentials come from.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "sigv4/sign.h"

namespace larder::bench {

using Environment = std::map<std::string, std::string>;

/// What a credential_process prints ("Sourcing credentials with an external process", AWS SDKs and
/// Tools Reference Guide); `larder credentials` does.
Result<sigv4::Credentials> parse_credentials(std::string_view json);

/// One thread at a time.
class CredentialSource {
 public:
  /// `from`: "env:PREFIX" (PREFIX_ACCESS_KEY_ID, PREFIX_SECRET_ACCESS_KEY, PREFIX_SESSION_TOKEN),
  /// "process:COMMAND" (for the shell), the name of a file, or "-" (standard input); the latter
  /// three as parse_credentials() takes them.
  CredentialSource(std::string from, Environment environment)
      : from_(std::move(from)), environment_(std::move(environment)) {}

  /// A process is asked again every ten minutes; all others once.
  Result<sigv4::Credentials> get(Time now);

 private:
  Result<sigv4::Credentials> read() const;
  Result<sigv4::Credentials> of_environment(const std::string& prefix) const;

  std::string from_;
  Environment environment_;
  std::optional<sigv4::Credentials> last_;
  Time read_at_{};
};

}  // namespace larder::bench
