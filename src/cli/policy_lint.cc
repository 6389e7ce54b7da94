// `larder policy lint`.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <optional>
#include <utility>

#include "cli/commands.h"
#include "cli/policy_decision_text.h"
#include "cli/policy_files.h"
#include "policy/lint.h"

namespace larder::cli {
namespace {

std::optional<policy::Kind> kind_of(std::string_view name) {
  using enum policy::Kind;
  for (const auto& [known, kind] :
       {std::pair("identity", identity), std::pair("trust", trust), std::pair("bucket", bucket),
        std::pair("session", session), std::pair("boundary", boundary)})
    if (name == known) return kind;
  return std::nullopt;
}

std::string_view name_of(policy::Severity severity) {
  return severity == policy::Severity::error ? "error" : "warning";
}

/// Writes the findings as they come: a line each, or one list.
class Report {
 public:
  explicit Report(bool json) : json_(json) {}

  void add(const std::string& file, const policy::Finding& finding) {
    errors_ = errors_ || finding.severity == policy::Severity::error;
    if (json_) {
      list_.push_back({{"file", file},
                       {"line", finding.line},
                       {"column", finding.column},
                       {"severity", name_of(finding.severity)},
                       {"code", finding.code},
                       {"message", finding.message}});
      return;
    }
    std::cout << fmt::format("{}:{}:{}: {}: {} [{}]\n", file, finding.line, finding.column,
                             name_of(finding.severity), printable(finding.message), finding.code);
  }

  /// The exit status.
  int finish(bool unreadable) const {
    if (json_) std::cout << boost::json::serialize(list_) << "\n";
    return errors_ || unreadable ? 1 : 0;
  }

 private:
  const bool json_;
  bool errors_ = false;
  boost::json::array list_{};
};

Result<policy::Document> read_boundary(const std::string& file) {
  TRY(const std::string text, read_policy_file(file));
  auto document = policy::parse(text, policy::Kind::boundary);
  if (document) return document;
  return fail(codes::invalid_argument,
              fmt::format("the boundary {} is no policy: {}; `larder policy lint --kind boundary "
                          "{}` shows where",
                          file, document.error().message, file));
}

}  // namespace

int lint_policies(const LintPoliciesOptions& options) {
  policy::LintOptions lint{.kind = kind_of(options.kind)};
  std::optional<policy::Document> boundary;
  if (!options.boundary.empty()) {
    auto read = read_boundary(options.boundary);
    if (!read) return explain(read.error().message);
    lint.boundary = &boundary.emplace(*std::move(read));
  }
  Report report(options.format == "json");
  bool unreadable = false;
  for (const std::string& file : options.files) {
    const auto text = read_policy_file(file);
    if (!text) {
      explain(text.error().message);
      unreadable = true;
      continue;
    }
    for (const policy::Finding& finding : policy::lint(*text, lint))
      report.add(file == "-" ? "<stdin>" : file, finding);
  }
  return report.finish(unreadable);
}

}  // namespace larder::cli
