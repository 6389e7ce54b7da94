#include "policy/lint.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "policy/lint_checks.h"

namespace larder::policy {

namespace {

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
    findings.push_back(
        {remark.severity, line, column, std::move(remark.code), std::move(remark.message)});
  }
  return findings;
}

void check(const Document& document, Kind kind, const Document* boundary, Remarks& remarks) {
  if (document.version.empty())
    remarks.warn({}, "version-missing",
                 "The policy has no Version and is read in the language of 2008-10-17, which has "
                 "no policy variables: add \"Version\": \"2012-10-17\".");
  for (std::size_t i = 0; i < document.statements.size(); ++i) {
    const Subject subject{document, document.statements[i], i, kind};
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

std::vector<Finding> lint(std::string_view text, const LintOptions& options) {
  const auto root = read_json(text);
  // What is no JSON has the same place whatever it was meant for; of a trust policy AWS says most.
  const Kind kind = options.kind.value_or(root ? guess_kind(*root) : Kind::trust);
  const auto document = parse_located(text, kind);
  if (!document) return place(text, {remark_of(document.error())});

  Remarks remarks(*root);
  if (kind == Kind::bucket) {
    const auto placed = parse_located(text, kind, {.bucket = bucket_of(*document)});
    if (!placed) remarks.refuse(placed.error());
  }
  check(*document, kind, options.boundary, remarks);
  return place(text, remarks.take());
}

}  // namespace larder::policy
