// An audit event as a line of the log, in CloudTrail's field names and, for what CloudTrail has no
// field for, in additionalEventData. Source: "CloudTrail record contents" and "CloudTrail
// userIdentity element", CloudTrail User Guide. docs/formats/audit.md lists every field.
#pragma once

#include <string>
#include <string_view>

#include "aws/audit.h"

namespace larder::audit {

/// Upper bound of what the functions below give.
inline constexpr std::size_t line_max = 512 * 1024;

/// One line of JSON without its newline. Of the session it tells what names it, never the token.
std::string event_json(const aws::AuditEvent& event);

/// The line that takes the place of half a line, which a crash left at a file's end.
std::string torn_line_json(Time now, std::string_view half);

/// The UUID (version 5, namespace URL) of "larder:" and the request id: the same request has the
/// same event id wherever the line is copied.
std::string event_id(std::string_view request_id);

}  // namespace larder::audit
