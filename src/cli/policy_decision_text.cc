#include "cli/policy_decision_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "cli/output.h"

namespace larder::cli {
namespace {

constexpr std::string_view holds = "✓";
constexpr std::string_view fails = "✗";

/// Escape sequences, or nothing.
class Paint {
 public:
  explicit Paint(bool color) : color_(color) {}

  std::string good(std::string_view text) const { return in("32", text); }
  std::string bad(std::string_view text) const { return in("31", text); }
  std::string faint(std::string_view text) const { return in("2", text); }
  std::string strong(bool is_good, std::string_view text) const {
    return in(is_good ? "1;32" : "1;31", text);
  }

 private:
  std::string in(std::string_view code, std::string_view text) const {
    if (!color_) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }

  const bool color_;
};

/// Characters of a UTF-8 text.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; }));
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t has = width_of(text);
  return text.append(width > has ? width - has : 0, ' ');
}

std::string_view policies_of(std::string_view kind) {
  if (kind == "identity") return "the identity policies";
  if (kind == "boundary") return "the permissions boundary";
  if (kind == "session") return "the session policies";
  if (kind == "resource") return "the resource policy";
  if (kind == "trust") return "the trust policy";
  if (kind == "service_control") return "the service control policies";
  if (kind == "resource_control") return "the resource control policies";
  return "any policy";
}

std::string headline(const policy::DecisionView& view, const Paint& paint) {
  const std::string_view by = policies_of(view.decided_by);
  if (view.decision == "allowed") {
    const bool none = view.decided_by == "none";
    return paint.strong(true, "ALLOWED") +
           (none ? std::string(", without any policy") : fmt::format(" by {}", by));
  }
  return paint.strong(false, "DENIED") + (view.decision == "explicitDeny"
                                              ? fmt::format(" by a Deny in {}", by)
                                              : fmt::format(": nothing in {} allows it", by));
}

/// The elements that were tried before the one that failed, and matched.
std::string matched_before(const policy::StatementView& statement) {
  constexpr std::array<std::string_view, 4> order{"action", "principal", "resource", "condition"};
  const bool names_principals = statement.kind == "resource" || statement.kind == "trust";
  std::string matched;
  for (const std::string_view element : order) {
    if (element == statement.failed) break;
    if (element == "principal" && !names_principals) continue;
    if (element == "resource" && statement.kind == "trust") continue;
    matched += fmt::format("{} {}  ", holds, element);
  }
  return matched;
}

std::string failure(const policy::StatementView& statement, const Paint& paint) {
  const std::string matched = matched_before(statement);
  const std::string label = fmt::format("{} {}: ", fails, statement.failed);
  const std::string indent(6 + width_of(matched) + width_of(label), ' ');
  return fmt::format("      {}{}wanted {}\n{} found {}\n", paint.good(matched), paint.bad(label),
                     printable(statement.wanted), indent, printable(statement.found));
}

std::string table(const policy::DecisionView& view, const Paint& paint) {
  std::array<std::size_t, 3> widths{};
  std::vector<std::array<std::string, 3>> rows;
  for (const policy::StatementView& statement : view.statements) {
    const std::string sid = statement.sid.empty() ? "" : " " + printable(statement.sid);
    rows.push_back(
        {statement.kind, printable(statement.policy), fmt::format("#{}{}", statement.index, sid)});
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], width_of(rows.back()[i]));
  }
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const policy::StatementView& statement = view.statements[i];
    std::string line = fmt::format("  {}", statement.applies ? holds : fails);
    for (std::size_t column = 0; column < widths.size(); ++column)
      line += fmt::format(" {} ", padded(rows[i][column], widths[column]));
    line += fmt::format(" {:5}", statement.effect);
    if (statement.applies) line += statement.decided ? "  applies, decides" : "  applies";
    if (!statement.applies)
      out += paint.faint(line) + "\n" + failure(statement, paint);
    else
      out += (statement.effect == "Allow" ? paint.good(line) : paint.bad(line)) + "\n";
  }
  return out;
}

}  // namespace

std::string decision_text(const policy::DecisionView& view, bool color) {
  const Paint paint(color);
  std::string out = headline(view, paint) + "\n\n";
  const auto fact = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format("  {:10} {}\n", name, printable(value));
  };
  fact("principal", view.principal);
  fact("action", view.action);
  fact("resource", view.resource);
  fact("message", view.message);
  if (view.statements.empty()) return out + "\n  There are no policies.\n";
  return out + "\n" + table(view, paint);
}

std::string decision_json(const policy::DecisionView& view) {
  const auto text_or_null = [](const std::string& text, bool is_null) {
    return is_null ? boost::json::value(nullptr) : boost::json::value(text);
  };
  boost::json::array statements;
  for (const policy::StatementView& one : view.statements) {
    statements.push_back({{"kind", one.kind},
                          {"policy", one.policy},
                          {"sid", text_or_null(one.sid, one.sid.empty())},
                          {"index", one.index},
                          {"effect", one.effect},
                          {"applies", one.applies},
                          {"decided", one.decided},
                          {"failed", text_or_null(one.failed, one.applies)},
                          {"wanted", text_or_null(one.wanted, one.applies)},
                          {"found", text_or_null(one.found, one.applies)}});
  }
  return boost::json::serialize(
      boost::json::object{{"principal", view.principal},
                          {"action", view.action},
                          {"resource", view.resource},
                          {"decision", view.decision},
                          {"decided_by", text_or_null(view.decided_by, view.decided_by == "none")},
                          {"message", text_or_null(view.message, view.message.empty())},
                          {"statements", std::move(statements)}});
}

}  // namespace larder::cli
