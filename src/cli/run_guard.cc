#include "cli/run_guard.h"

#include "base/log.h"
#include "cli/connection_owner.h"
#include "cli/process_tree.h"
#include "imds/service.h"

namespace larder::cli {
namespace {

constexpr std::size_t remembered_max = 4096;

void log_refusal(const http::Peer& peer, std::string_view whose) {
  log::warning(
      "403 from the metadata service to {}:{} ({}): neither the program that `larder run` runs "
      "nor a descendant of it",
      peer.address, peer.port, whose);
}

}  // namespace

bool DescendantsOnly::admits(const http::Peer& peer) {
  const auto owner = connection_owner(peer);
  if (!owner) {
    log::error("{}", owner.error().message);
    return false;
  }
  if (!*owner) {
    log_refusal(peer, "closed by its process");
    return false;
  }
  if ((*owner)->uid == 0 && root_ == Root::excepted) return true;
  if (admitted_.contains((*owner)->cookie)) return true;
  if (!descendant_has_socket(ancestor_, (*owner)->inode)) {
    log_refusal(peer, fmt::format("of user {}", (*owner)->uid));
    return false;
  }
  // Forgetting costs a walk for each connection that lives.
  if (admitted_.size() == remembered_max) admitted_.clear();
  admitted_.insert((*owner)->cookie);
  return true;
}

Task<void> DescendantsOnly::serve(http::Request& request, http::ResponseWriter& response) {
  if (admits(request.peer)) {
    co_await service_.serve(request, response);
    co_return;
  }
  http::Headers headers = {{"Connection", "close"}};
  co_await imds::send_error_page(response, 403, std::move(headers));
}

}  // namespace larder::cli
