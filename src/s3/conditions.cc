#include "s3/conditions.h"

#include <charconv>

#include "codec/iso8601.h"
#include "s3/errors.h"

namespace larder::s3 {
namespace {

using std::chrono::floor;
using std::chrono::seconds;

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string_view bare(std::string_view tag) {
  tag = trim(tag);
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.size() >= 2 && tag.starts_with('"') && tag.ends_with('"'))
    tag = tag.substr(1, tag.size() - 2);
  return tag;
}

bool names(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const auto item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    if (trim(item) == "*" || bare(item) == etag) return true;
  }
  return false;
}

std::optional<Time> date(const std::optional<std::string>& header) {
  if (!header) return std::nullopt;
  if (const auto time = parse_http_date(*header)) return time;
  return parse_iso8601(*header);
}

bool modified_since(const ObjectRecord& record, Time time) {
  return floor<seconds>(record.modified) > floor<seconds>(time);
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return UINT64_MAX;
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string quoted(std::string_view etag) {
  std::string out = "\"";
  out += etag;
  out += '"';
  return out;
}

Result<ReadVerdict> check(const ReadCondition& condition, const ObjectRecord& record) {
  const auto unmodified_since = date(condition.if_unmodified_since);
  if (condition.if_match) {
    if (!names(*condition.if_match, record.etag)) return errors::precondition_failed("If-Match");
  } else if (unmodified_since && modified_since(record, *unmodified_since)) {
    return errors::precondition_failed("If-Unmodified-Since");
  }
  const auto since = date(condition.if_modified_since);
  if (condition.if_none_match) {
    if (names(*condition.if_none_match, record.etag)) return ReadVerdict::not_modified;
  } else if (since && !modified_since(record, *since)) {
    return ReadVerdict::not_modified;
  }
  return ReadVerdict::proceed;
}

Result<void> check(const WriteCondition& condition, const std::optional<ObjectRecord>& current,
                   std::string_view key) {
  if (condition.if_absent && current) return errors::precondition_failed("If-None-Match");
  if (!condition.if_match) return {};
  if (!current) return errors::no_such_key(key);
  if (!names(*condition.if_match, current->etag)) return errors::precondition_failed("If-Match");
  return {};
}

Result<WriteCondition> write_condition(const std::optional<std::string>& if_match,
                                       const std::optional<std::string>& if_none_match) {
  if (if_none_match && trim(*if_none_match) != "*")
    return errors::not_implemented("If-None-Match", *if_none_match);
  return WriteCondition{if_match, if_none_match.has_value()};
}

Result<std::optional<storage::ByteRange>> parse_range(const std::optional<std::string>& header,
                                                      std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (!header || !header->starts_with(unit)) return std::nullopt;
  const std::string_view spec = std::string_view(*header).substr(unit.size());
  const auto dash = spec.find('-');
  if (dash == spec.npos) return std::nullopt;
  const auto first = trim(spec.substr(0, dash));
  const auto last = trim(spec.substr(dash + 1));
  if (first.empty()) {
    const auto suffix = number(last);
    if (!suffix) return std::nullopt;
    if (*suffix == 0 || size == 0) return errors::invalid_range(*header, size);
    const auto count = std::min(*suffix, size);
    return storage::ByteRange{size - count, count};
  }
  const auto from = number(first);
  const auto to = last.empty() ? std::optional(UINT64_MAX) : number(last);
  if (!from || !to || *to < *from) return std::nullopt;
  if (*from >= size) return errors::invalid_range(*header, size);
  return storage::ByteRange{*from, std::min(*to, size - 1) - *from + 1};
}

}  // namespace larder::s3
