#include "http/url.h"

#include "http/characters.h"
#include "http/message.h"

namespace larder::http {
namespace {

std::unexpected<Error> invalid(std::string_view url, std::string_view why) {
  return fail(codes::invalid_argument, "`" + std::string(url) + "` " + std::string(why));
}

}  // namespace

Target split_target(std::string_view target) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {target, std::nullopt};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

Result<Url> parse_url(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  const std::string_view scheme = url.substr(0, scheme_end);
  Url out;
  if (scheme_end != std::string_view::npos && equal_ignoring_case(scheme, "http")) {
    out.scheme = "http";
    out.port = 80;
  } else if (scheme_end != std::string_view::npos && equal_ignoring_case(scheme, "https")) {
    out.scheme = "https";
    out.port = 443;
  } else {
    return invalid(url, "is not an http or https URL");
  }
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) return invalid(url, "holds a space or control character");
  }
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view host = rest.substr(0, authority_end);
  if (host.contains('@')) return invalid(url, "holds user information");
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && !host.ends_with(']')) {
    const auto port = parse_decimal(host.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535) return invalid(url, "has no valid port");
    out.port = static_cast<std::uint16_t>(*port);
    host = host.substr(0, colon);
  }
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.contains('[') || (!bracketed && host.contains(':'))) {
    return invalid(url, "has no valid host");
  }
  out.host = host;
  const std::string_view target = rest.substr(authority_end, rest.find('#') - authority_end);
  out.target = target.starts_with('/') ? "" : "/";
  out.target += target;
  return out;
}

}  // namespace larder::http
