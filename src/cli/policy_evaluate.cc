// `larder policy evaluate`.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cstring>
#include <iostream>
#include <set>

#include "cli/commands.h"
#include "cli/policy_line_reader.h"
#include "policy/evaluation_json.h"

namespace larder::cli {
namespace {

// As many documents as one decision can have at AWS (ten managed policies, an inline one, boundary,
// session and resource policies), each as long as IAM takes them, 131,072 characters.
constexpr std::size_t line_max = 2 * 1024 * 1024;
constexpr std::size_t output_held = 256 * 1024;

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::string error_line(std::string_view message) {
  return R"({"error":)" +
         boost::json::serialize(boost::json::string_view(message.data(), message.size())) + "}\n";
}

/// A misspelt member would be left out of the decisions in silence. Each name is told once.
class IgnoredMembers {
 public:
  void warn(std::size_t line, const std::vector<std::string>& names) {
    constexpr std::size_t told_max = 100;
    for (const std::string& name : names) {
      if (told_.size() == told_max || !told_.insert(name).second) continue;
      std::cerr << fmt::format("larder: line {}: requests have no member {}; it is ignored\n", line,
                               boost::json::serialize(boost::json::string(name)));
    }
  }

 private:
  std::set<std::string> told_;
};

std::string answer_to(const LineReader::Line& line, std::size_t number, IgnoredMembers& ignored) {
  if (line.too_long)
    return error_line(
        fmt::format("the line is longer than {} bytes; it was passed over", line_max));
  const auto request = policy::EvaluationRequest::read(line.text);
  if (!request) return error_line(request.error().message);
  ignored.warn(number, (*request)->ignored_members());
  const policy::Query query = (*request)->query();
  const policy::PolicySet policies = (*request)->policies();
  return policy::write_verdict(query, policy::evaluate(query, policies)) + "\n";
}

}  // namespace

int evaluate_policies() {
  LineReader reader(STDIN_FILENO, line_max);
  std::string out;
  std::size_t blank_lines = 0;  // at the end of the input they are nothing
  std::size_t number = 0;
  IgnoredMembers ignored;
  while (const auto line = reader.next()) {
    ++number;
    if (!line->too_long && is_blank(line->text)) {
      ++blank_lines;
    } else {
      for (; blank_lines > 0; --blank_lines) out += error_line("the line is empty");
      out += answer_to(*line, number, ignored);
    }
    if (reader.has_next() && out.size() <= output_held) continue;
    if (const int status = print(out); status != 0) return status;
    out.clear();
  }
  if (reader.error() != 0)
    return explain(fmt::format("standard input cannot be read: {}", std::strerror(reader.error())));
  return 0;
}

}  // namespace larder::cli
