// Who is answered by the metadata service of `larder run`: the program it runs, that program's
// descendants, and root.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <unordered_set>

#include "http/message.h"

namespace larder::cli {

/// Passes on the requests of processes that descend from `ancestor`; anybody else gets 403 and a
/// line in the log. Root is excepted if told so: it can read every process's memory anyway, and
/// without being root one cannot look into its processes.
///
/// Every request is looked at, and the kernel is asked whose the connection is each time; that a
/// descendant has it open is remembered of this connection alone. One core only.
class DescendantsOnly final : public http::Service {
 public:
  enum class Root { excepted, like_others };
  DescendantsOnly(http::Service& service, pid_t ancestor, Root root)
      : service_(service), ancestor_(ancestor), root_(root) {}

  Task<void> serve(http::Request& request, http::ResponseWriter& response) override;

 private:
  bool admits(const http::Peer& peer);

  http::Service& service_;
  const pid_t ancestor_;
  const Root root_;
  std::unordered_set<std::uint64_t> admitted_;  // cookies of connections
};

}  // namespace larder::cli
