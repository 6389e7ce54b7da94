#include "audit/log_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "audit/event_json.h"
#include "base/log.h"
#include "codec/iso8601.h"

namespace larder::audit {
namespace {

constexpr std::string_view prefix = "audit-";
constexpr std::size_t stamp_size = 20;  // 2026-11-23T12-00-00Z
constexpr std::size_t sequence_at = prefix.size() + stamp_size + 1;

}  // namespace

std::string log_file_name(Time begun, unsigned sequence) {
  std::string stamp = format_iso8601(begun);
  std::ranges::replace(stamp, ':', '-');
  return fmt::format("{}{}-{:04}.jsonl", prefix, stamp, sequence);
}

std::optional<Time> begun_at(std::string_view name) {
  if (name.size() <= sequence_at) return std::nullopt;
  std::string stamp(name.substr(prefix.size(), stamp_size));
  stamp[13] = ':';
  stamp[16] = ':';
  const auto begun = parse_iso8601(stamp);
  unsigned sequence = 0;
  std::from_chars(name.data() + sequence_at, name.data() + name.size(), sequence);
  if (!begun || log_file_name(*begun, sequence) != name) return std::nullopt;
  return begun;
}

Result<std::vector<std::string>> log_file_names(storage::FileSystem& files,
                                                const std::string& directory) {
  TRY(auto names, files.children(directory));
  std::erase_if(names, [](const std::string& name) { return !begun_at(name); });
  std::ranges::sort(names);
  return names;
}

Result<std::unique_ptr<storage::WritableFile>> reopen_log_file(storage::FileSystem& files,
                                                               const std::string& path, Time now) {
  TRY(const auto reader, files.open(path));
  TRY(const auto size, reader->size());
  TRY(auto file, files.open_to_append(path));
  const auto begin = size - std::min<std::uint64_t>(size, line_max);
  std::string tail(static_cast<std::size_t>(size - begin), '\0');
  TRY(const auto count, reader->read_at(begin, std::span<char>(tail)));
  tail.resize(count);
  if (tail.empty() || tail.ends_with('\n')) return file;
  const auto newline = tail.rfind('\n');
  if (newline == std::string::npos && begin > 0) {  // no line of ours is so long
    TRY_VOID(file->append("\n"));
    return file;
  }
  const std::size_t half = newline == std::string::npos ? 0 : newline + 1;
  TRY_VOID(file->truncate(begin + half));
  TRY_VOID(file->append(torn_line_json(now, std::string_view(tail).substr(half)) + "\n"));
  return file;
}

void remove_old_files(storage::FileSystem& files, const std::string& directory,
                      std::string_view current, Time now, const Retention& retention) {
  using std::chrono::days;
  const auto names = log_file_names(files, directory);
  if (!names) {
    log::warning("audit: old files are kept: {}", names.error().message);
    return;
  }
  const auto size_of = [&](const std::string& name) -> std::uint64_t {
    const auto info = files.info(directory + "/" + name);
    return info && *info ? (*info)->size : 0;
  };
  std::uint64_t total = retention.rotate_bytes;
  for (const auto& name : *names)
    if (name != current) total += size_of(name);
  const auto today = std::chrono::floor<days>(now);
  for (const auto& name : *names) {
    if (name == current) continue;
    const auto age = today - std::chrono::floor<days>(*begun_at(name));
    const bool old = retention.keep_days > 0 && age > days(retention.keep_days);
    const bool too_much = retention.keep_bytes > 0 && total > retention.keep_bytes;
    if (!old && !too_much) continue;
    const auto size = size_of(name);
    if (auto removed = files.remove_file(directory + "/" + name); !removed)
      log::warning("audit: an old file stays: {}", removed.error().message);
    else
      total -= size;
  }
}

}  // namespace larder::audit
