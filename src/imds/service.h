// The instance metadata service over HTTP (§A.1 to §A.6): version 2, and version 1 where the
// instance's options allow it.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "http/message.h"
#include "imds/credential_cache.h"
#include "imds/instance_view.h"
#include "imds/session_token.h"

namespace larder::imds {

/// What real ones call themselves; there are tools that look for it.
inline constexpr std::string_view server_name = "EC2ws";

/// Of one instance. Who may ask is settled before a request gets here: the network is all that a
/// client proves. All requests on one core. The source, the clock and the randomness must outlive
/// it.
///
/// The hop limit is not its business: it belongs on the socket, and means nothing on loopback.
class MetadataService final : public http::Service {
 public:
  MetadataService(InstanceSource& source, const Clock& clock, Random& random)
      : source_(source), tokens_(clock, random), credentials_(source, clock) {}

  Task<void> serve(http::Request& request, http::ResponseWriter& response) override;

 private:
  struct Answer;

  Task<Answer> answer(const http::Request& request);
  Task<Answer> read(const http::Request& request, const InstanceView& view,
                    const std::vector<std::string>& path);
  Answer issue_token(const http::Request& request);

  InstanceSource& source_;
  SessionTokens tokens_;
  CredentialCache credentials_;
};

/// A small XHTML page titled like "404 - Not Found", as EC2 sends it, with the server's name.
/// `headers` are added.
Task<void> send_error_page(http::ResponseWriter& response, int status, http::Headers headers);

}  // namespace larder::imds
