#include "policy/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/limits.h"
#include "policy/lint_checks.h"

namespace larder::policy {

namespace {

/// Enough for hundreds of statements with tens of patterns each; some tenths of a second at worst.
constexpr std::uint64_t comparing_steps_max = 1u << 27;

bool has_either(const Json& statement, std::string_view name) {
  return member(statement, name) != nullptr ||
         member(statement, "Not" + std::string(name)) != nullptr;
}

/// As LintOptions::kind says.
Kind guess_kind(const Json& root) {
  const Json* statement = member(root, "Statement");
  if (statement == nullptr) return Kind::identity;
  Kind kind = Kind::identity;
  const auto look = [&](const Json& value) {
    if (!has_either(value, "Principal")) return;
    if (has_either(value, "Resource"))
      kind = Kind::bucket;
    else if (kind == Kind::identity)
      kind = Kind::trust;
  };
  if (!statement->is(Json::Type::array))
    look(*statement);
  else
    std::ranges::for_each(statement->elements, look);
  return kind;
}

/// The bucket that a bucket policy can only be for: that of the first resource which names one.
std::string_view bucket_of(const Document& document) {
  constexpr std::string_view prefix = "arn:aws:s3:::";
  for (const Statement& statement : document.statements) {
    for (const std::string& resource : statement.resources) {
      std::string_view name = resource;
      if (!name.starts_with(prefix)) continue;
      name.remove_prefix(prefix.size());
      name = name.substr(0, name.find('/'));
      if (!name.empty() && name.find_first_of("*?$") == std::string_view::npos) return name;
    }
  }
  return {};
}

std::string refusal_message(const Refusal& refusal) {
  std::string message = refusal.error.message;
  if (refusal.detail.empty()) return message;
  if (refusal.detail.starts_with(message)) return refusal.detail;
  if (message.ends_with('.')) message.pop_back();
  return message + ": " + refusal.detail;
}

/// A message that repeats a text of the document may be as long as that.
std::string shortened(std::string message) {
  constexpr std::size_t bytes_max = 2048;
  if (message.size() <= bytes_max) return message;
  std::size_t end = bytes_max;
  while (continues_character(message[end])) --end;
  return message.substr(0, end) + "…";
}

Remark remark_of(const Refusal& refusal) {
  return {refusal.offset, Severity::error, "malformed", refusal_message(refusal)};
}

/// Turns offsets into lines and columns, in one pass.
std::vector<Finding> place(std::string_view text, std::vector<Remark> remarks) {
  std::ranges::sort(remarks, {}, [](const Remark& remark) {
    return std::tuple(remark.offset, remark.severity, std::string_view(remark.code));
  });
  std::vector<Finding> findings;
  std::size_t at = 0;
  std::size_t line = 1;
  std::size_t column = 1;
  for (Remark& remark : remarks) {
    for (; at < std::min(remark.offset, text.size()); ++at) {
      const bool continues = (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80u;
      if (text[at] == '\n') {
        ++line;
        column = 1;
      } else if (!continues) {
        ++column;
      }
    }
    findings.push_back({remark.severity, line, column, std::move(remark.code),
                        shortened(std::move(remark.message))});
  }
  return findings;
}

void check(const Document& document, Kind kind, const Document* boundary, Effort& effort,
           Remarks& remarks) {
  if (document.version.empty())
    remarks.warn({}, "version-missing",
                 "The policy has no Version and is read in the language of 2008-10-17, which has "
                 "no policy variables: add \"Version\": \"2012-10-17\".");
  for (std::size_t i = 0; i < document.statements.size() && !remarks.full(); ++i) {
    const Subject subject{document, document.statements[i], i, kind, effort};
    const std::vector<ActionMatch> matches = match_actions(subject.statement);
    check_actions(subject, matches, remarks);
    check_resources(subject, matches, remarks);
    check_conditions(subject, matches, remarks);
    check_variables(subject, remarks);
    check_effect(subject, remarks);
    if (boundary != nullptr) check_boundary(subject, *boundary, remarks);
  }
}

}  // namespace

void Remarks::refuse(const Refusal& refusal) { list_.push_back(remark_of(refusal)); }

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !continues_character(c); }));
}

std::vector<Finding> lint(std::string_view text, const LintOptions& options) {
  if (const std::size_t size = character_count(text); size > limits::policy_document)
    return {{Severity::error, 1, 1, "too-large",
             fmt::format("The document has {} characters; AWS takes none of more than {}.", size,
                         limits::policy_document)}};
  const auto root = read_json(text);
  // What is no JSON has the same place whatever it was meant for; of a trust policy AWS says most.
  const Kind kind = options.kind.value_or(root ? guess_kind(*root) : Kind::trust);
  const auto document = parse_located(text, kind);
  if (!document) return place(text, {remark_of(document.error())});

  Remarks remarks(*root);
  Effort effort(comparing_steps_max);
  check_size(text, kind, remarks);
  if (kind == Kind::bucket) {
    const auto placed = parse_located(text, kind, {.bucket = bucket_of(*document)});
    if (!placed) remarks.refuse(placed.error());
  }
  check(*document, kind, options.boundary, effort, remarks);
  const bool full = remarks.full();
  std::vector<Finding> findings = place(text, remarks.take());
  if (full) {
    const Finding& last = findings.back();
    findings.push_back(
        {Severity::warning, last.line, last.column, "incomplete",
         fmt::format("There may be more: lint stops at {} findings.", Remarks::count_max)});
  } else if (effort.is_spent()) {
    findings.push_back({Severity::warning, 1, 1, "incomplete",
                        "The statements are too many or too long to compare all of them with one "
                        "another: action-without-resource, resource-not-applicable, always-denied "
                        "and boundary-grants-nothing may be missing."});
  }
  return findings;
}

}  // namespace larder::policy
