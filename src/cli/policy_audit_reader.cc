#include "cli/policy_audit_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "audit/event_json.h"
#include "cli/policy_line_reader.h"
#include "codec/json.h"

namespace larder::cli {
namespace {

namespace json = boost::json;

/// Null where anything on the way is missing.
const json::value* at(const json::value& event, std::string_view pointer) {
  boost::system::error_code error;
  return event.find_pointer(json::string_view(pointer.data(), pointer.size()), error);
}

std::string_view text_at(const json::value& event, std::string_view pointer) {
  const json::value* found = at(event, pointer);
  if (found == nullptr || !found->is_string()) return {};
  return {found->as_string().data(), found->as_string().size()};
}

bool is_by(const json::value& event, std::string_view principal) {
  if (text_at(event, "/userIdentity/arn") == principal) return true;
  return text_at(event, "/userIdentity/type") == "AssumedRole" &&
         text_at(event, "/userIdentity/sessionContext/sessionIssuer/arn") == principal;
}

bool was_refused(const json::value& event) {
  const std::string_view code = text_at(event, "/errorCode");
  return code == "AccessDenied" || code == "UnauthorizedOperation";
}

bool was_denied(const json::value& event) {
  const std::string_view decision = text_at(event, "/additionalEventData/decision");
  return decision == "implicitDeny" || decision == "explicitDeny";
}

struct Refusal {
  std::string_view action, resource;
};

/// Of an event that does not list what was refused, as its reason tells it: `User: … is not
/// authorized to perform: ACTION on resource: "ARN" because no …`, without the resource where that
/// is `*`. nullopt: it does not tell, or was cut.
std::optional<Refusal> refusal_in(std::string_view reason) {
  constexpr std::string_view verb = " is not authorized to perform: ";
  constexpr std::string_view on = " on resource: ";
  const std::size_t at = reason.find(verb);
  if (at == std::string_view::npos || reason.ends_with("\xe2\x80\xa6")) return std::nullopt;
  reason.remove_prefix(at + verb.size());
  const std::string_view action = reason.substr(0, reason.find(' '));
  reason.remove_prefix(action.size());
  if (!reason.starts_with(on)) return Refusal{action, "*"};
  reason.remove_prefix(on.size());
  // A key may say the same, before.
  std::size_t end = 0;
  for (const std::string_view why : {" because no ", " with an explicit deny in "})
    if (const auto found = reason.rfind(why); found != std::string_view::npos)
      end = std::max(end, found);
  if (end != 0) reason = reason.substr(0, end);
  if (reason.size() >= 2 && reason.starts_with('"') && reason.ends_with('"'))
    reason = reason.substr(1, reason.size() - 2);
  return Refusal{action, reason};
}

/// Of an event in which something was denied; `complete`: there was no more. Views into it.
std::vector<Refusal> refusals_of(const json::value& event, bool& complete) {
  std::vector<Refusal> all;
  const json::value* refused = at(event, "/additionalEventData/refused");
  if (refused != nullptr && refused->is_array()) {
    for (const json::value& one : refused->as_array())
      all.push_back({text_at(one, "/action"), text_at(one, "/resource")});
    return all;
  }
  const auto told = refusal_in(text_at(event, "/additionalEventData/reason"));
  if (told) all.push_back(*told);
  // A DeleteObjects goes on after the first.
  complete = told && was_refused(event);
  return all;
}

struct LogFile {
  std::string path;
  std::size_t lines = 0;
};

/// Those of a directory, in the order of their names; those that are no .jsonl are counted.
Result<std::vector<LogFile>> files_of(const std::string& directory, std::size_t& others) {
  std::error_code error;
  std::vector<LogFile> files;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->is_regular_file(error)) continue;
    if (entry->path().extension() == ".jsonl")
      files.push_back({.path = entry->path().string()});
    else
      ++others;
  }
  if (error)
    return fail(codes::invalid_argument,
                fmt::format("{} cannot be read: {}", directory, error.message()));
  std::ranges::sort(files, {}, &LogFile::path);
  if (!files.empty()) return files;
  const std::string below = directory + "/audit";
  const bool is_data = std::filesystem::is_directory(below, error);
  return fail(codes::invalid_argument,
              fmt::format("{} has no files of an audit log (*.jsonl); {}", directory,
                          is_data ? "the log is in " + below
                                  : "a server keeps them in DIR/audit, with --data DIR"));
}

using Visit = std::function<Result<void>(const LineReader::Line&)>;

/// The lines of a file, at most so many.
Result<void> each_line(const std::string& path, std::size_t at_most, const Visit& visit) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return fail(codes::invalid_argument,
                fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  LineReader reader(file, audit::line_max);
  Result<void> visited;
  for (; visited && at_most > 0; --at_most) {
    const auto line = reader.next();
    if (!line) break;
    visited = visit(*line);
  }
  ::close(file);
  if (!visited || reader.error() == 0) return visited;
  return fail(codes::invalid_argument,
              fmt::format("{} cannot be read: {}", path, std::strerror(reader.error())));
}

Result<std::vector<LogFile>> files_at(const std::string& path, std::size_t& others) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(status)) return files_of(path, others);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    return fail(codes::invalid_argument,
                fmt::format("{} is no file; a log is read twice, which a pipe cannot be", path));
  return std::vector<LogFile>{{.path = path}};
}

}  // namespace

Result<policy::Suggester> AuditReader::read(const std::string& path) {
  TRY(auto files, files_at(path, counts_.files_passed_over));
  policy::Refusals refusals;
  for (LogFile& file : files) {
    TRY_VOID(each_line(file.path, SIZE_MAX, [&](const LineReader::Line& line) {
      ++file.lines;
      return read_refusals(line.text, refusals);
    }));
  }
  policy::Suggester uses(std::move(refusals));
  for (const LogFile& file : files) {
    ++counts_.files;
    TRY_VOID(each_line(file.path, file.lines, [&](const LineReader::Line& line) -> Result<void> {
      ++counts_.lines;
      if (line.too_long)
        ++counts_.lines_unreadable;
      else
        read_uses(line.text, uses);
      return {};
    }));
  }
  return uses;
}

Result<void> AuditReader::read_refusals(std::string_view line, policy::Refusals& refusals) const {
  // Most lines are of what was allowed: what names no denial need not be parsed for one.
  if (!line.contains("Deny")) return {};
  const auto event = parse_json(line);
  if (!event || !event->is_object() || !is_by(*event, principal_) || !was_denied(*event)) return {};
  bool complete = true;
  for (const auto& [action, resource] : refusals_of(*event, complete))
    if (!refusals.add(action, resource))
      return fail(codes::invalid_argument,
                  fmt::format("{} was refused too many different things to keep them apart; name "
                              "one file of the log, not all",
                              principal_));
  return {};
}

void AuditReader::read_uses(std::string_view line, policy::Suggester& uses) {
  const auto event = parse_json(line);
  if (!event || !event->is_object()) {
    ++counts_.lines_unreadable;
    return;
  }
  if (!is_by(*event, principal_)) return;
  if (was_denied(*event)) {
    bool complete = true;
    refusals_of(*event, complete);
    if (!complete) ++counts_.events_refused_where;
  }
  if (was_refused(*event)) {
    ++counts_.events_refused;
    return;
  }
  const json::value* authorized = at(*event, "/additionalEventData/authorized");
  if (authorized == nullptr || !authorized->is_array()) {
    // An operation that needs no leave has no decision either.
    if (text_at(*event, "/additionalEventData/decision") == "allowed")
      ++counts_.events_without_uses;
    return;
  }
  ++counts_.events;
  bool complete = at(*event, "/additionalEventData/leftOut") == nullptr;
  const std::string time(text_at(*event, "/eventTime"));
  for (const json::value& one : authorized->as_array())
    if (!uses.add(
            {std::string(text_at(one, "/action")), std::string(text_at(one, "/resource")), time}))
      complete = false;
  if (!complete) ++counts_.events_incomplete;
}

}  // namespace larder::cli
