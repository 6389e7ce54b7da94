// `larder policy lint`.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "cli/commands.h"
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

/// The findings as they are written: a line each as they come, or one list at the end.
class Report {
 public:
  explicit Report(bool json) : json_(json) {}

  /// The exit status of writing.
  int add(const std::string& file, const std::vector<policy::Finding>& findings) {
    std::string lines;
    for (const policy::Finding& finding : findings) {
      errors_ = errors_ || finding.severity == policy::Severity::error;
      if (json_)
        list_.push_back({{"file", file},
                         {"line", finding.line},
                         {"column", finding.column},
                         {"severity", name_of(finding.severity)},
                         {"code", finding.code},
                         {"message", finding.message}});
      else
        lines +=
            fmt::format("{}:{}:{}: {}: {} [{}]\n", printable(file), finding.line, finding.column,
                        name_of(finding.severity), printable(finding.message), finding.code);
    }
    return print(lines);
  }

  int finish() const { return json_ ? print(printable(boost::json::serialize(list_)) + "\n") : 0; }

  bool has_errors() const { return errors_; }

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
    const int status = report.add(file == "-" ? "<stdin>" : file, policy::lint(*text, lint));
    if (status != 0) return status;
  }
  if (const int status = report.finish(); status != 0) return status;
  return report.has_errors() || unreadable ? 1 : 0;
}

}  // namespace larder::cli
