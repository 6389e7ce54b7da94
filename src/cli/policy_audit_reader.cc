#include "cli/policy_audit_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
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

/// The names of a directory's files, in order; those that are no .jsonl are counted.
Result<std::vector<std::string>> log_files(const std::string& directory, std::size_t& others) {
  std::error_code error;
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->is_regular_file(error)) continue;
    if (entry->path().extension() == ".jsonl")
      files.push_back(entry->path().string());
    else
      ++others;
  }
  if (error)
    return fail(codes::invalid_argument,
                fmt::format("{} cannot be read: {}", directory, error.message()));
  std::ranges::sort(files);
  if (!files.empty()) return files;
  const std::string below = directory + "/audit";
  const bool is_data = std::filesystem::is_directory(below, error);
  return fail(codes::invalid_argument,
              fmt::format("{} has no files of an audit log (*.jsonl); {}", directory,
                          is_data ? "the log is in " + below
                                  : "a server keeps them in DIR/audit, with --data DIR"));
}

}  // namespace

Result<void> AuditReader::read(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return read_file(path);
  TRY(const auto files, log_files(path, counts_.files_passed_over));
  for (const std::string& file : files) TRY_VOID(read_file(file));
  return {};
}

Result<void> AuditReader::read_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return fail(codes::invalid_argument,
                fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  ++counts_.files;
  LineReader reader(file, audit::line_max);
  while (const auto line = reader.next()) {
    if (!line->too_long) {
      read_line(line->text);
      continue;
    }
    ++counts_.lines;
    ++counts_.lines_unreadable;
  }
  ::close(file);
  if (reader.error() == 0) return {};
  return fail(codes::invalid_argument,
              fmt::format("{} cannot be read: {}", path, std::strerror(reader.error())));
}

void AuditReader::read_line(std::string_view line) {
  ++counts_.lines;
  const auto event = parse_json(line);
  if (!event || !event->is_object()) {
    ++counts_.lines_unreadable;
    return;
  }
  if (!is_by(*event, principal_)) return;
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
    if (!uses_.add(
            {std::string(text_at(one, "/action")), std::string(text_at(one, "/resource")), time}))
      complete = false;
  if (!complete) ++counts_.events_incomplete;
}

}  // namespace larder::cli
