#include "policy/document.h"

#include <utility>

#include "policy/json_reader.h"
#include "policy/validate.h"

namespace larder::policy {

namespace {

using Status = Result<void>;

/// Builds the value out of the JSON, element by element. What is wrong with the form of an element
/// is said here; what is wrong with the document as a policy, in validate.cc.
class Builder {
 public:
  explicit Builder(Kind kind) : kind_(kind) {}

  Status read(const Json& root) {
    if (!root.is(Json::Type::object)) return syntax_error("This policy contains invalid Json");
    const Json* statement = nullptr;
    for (std::size_t i = 0; i < root.names.size(); ++i) {
      const std::string& name = root.names[i];
      const Json& value = root.elements[i];
      if (name == "Version") {
        TRY_VOID(read_version(value));
      } else if (name == "Id") {
        if (!value.is(Json::Type::string)) return syntax_error("Invalid policy syntax.");
        document_.id = value.text;
      } else if (name == "Statement") {
        statement = &value;
      } else {
        return syntax_error("Unknown field " + name);
      }
    }
    if (statement == nullptr) return syntax_error("Missing required field Statement");
    return read_statements(*statement);
  }

  Document& document() { return document_; }
  const ReadingNotes& notes() const { return notes_; }

  /// Identity policies have one message for every fault of form; resource policies are told which.
  std::unexpected<Error> syntax_error(std::string specific) const {
    if (kind_ == Kind::bucket) return fail(codes::malformed_policy, std::move(specific));
    if (kind_ == Kind::trust) return fail(codes::malformed_policy_document, std::move(specific));
    return fail(codes::malformed_policy_document, "Syntax errors in policy.");
  }

 private:
  Status read_version(const Json& value) {
    const bool known = value.text == "2012-10-17" || value.text == "2008-10-17";
    if (!value.is(Json::Type::string) || !known)
      return syntax_error("The policy must contain a valid version string");
    document_.version = value.text;
    return {};
  }

  Status read_statements(const Json& value) {
    if (value.is(Json::Type::object)) return read_statement(value);
    if (!value.is(Json::Type::array)) return syntax_error("This policy contains invalid Json");
    if (value.elements.empty())
      return syntax_error("Could not parse the policy: Statement is empty!");
    for (const Json& element : value.elements) TRY_VOID(read_statement(element));
    return {};
  }

  Status read_statement(const Json& value) {
    if (!value.is(Json::Type::object)) return syntax_error("This policy contains invalid Json");
    Statement statement;
    Seen seen;
    for (std::size_t i = 0; i < value.names.size(); ++i)
      TRY_VOID(read_element(statement, seen, value.names[i], value.elements[i]));
    if (!seen.effect) return syntax_error("Missing required field Effect");
    document_.statements.push_back(std::move(statement));
    return {};
  }

  /// The elements that may stand once, and of which only one of a pair.
  struct Seen {
    bool effect = false;
    bool principal = false;
    bool action = false;
    bool resource = false;
  };

  Status read_element(Statement& statement, Seen& seen, const std::string& name,
                      const Json& value) {
    const bool negated = name.starts_with("Not");
    const std::string_view base = std::string_view(name).substr(negated ? 3 : 0);
    if (name == "Sid") {
      if (!value.is(Json::Type::string)) return syntax_error("Invalid policy syntax.");
      statement.sid = value.text;
      return {};
    }
    if (name == "Effect") {
      seen.effect = true;
      return read_effect(statement, value);
    }
    if (name == "Condition") return read_conditions(statement, value);
    if (base == "Action") {
      if (std::exchange(seen.action, true)) return syntax_error("Invalid policy syntax.");
      statement.not_action = negated;
      return read_actions(statement, value);
    }
    if (base == "Resource") {
      if (std::exchange(seen.resource, true)) return syntax_error("Invalid policy syntax.");
      statement.not_resource = negated;
      // A trust policy must not have the element; that it is empty does not make it absent.
      raw_resources_.push_back({document_.statements.size(), &value});
      return check_strings(value);
    }
    if (base == "Principal") {
      if (std::exchange(seen.principal, true)) return syntax_error("Invalid policy syntax.");
      statement.principals.emplace();
      statement.principals->negated = negated;
      return read_principals(*statement.principals, value);
    }
    return syntax_error("Unknown field " + name);
  }

  Status read_effect(Statement& statement, const Json& value) {
    if (!value.is(Json::Type::string)) return syntax_error("Invalid effect: ");
    const bool allow = equal_ignoring_case(value.text, "Allow");
    if (!allow && !equal_ignoring_case(value.text, "Deny"))
      return syntax_error("Invalid effect: " + value.text);
    statement.effect = allow ? Effect::allow : Effect::deny;
    if (value.text != "Allow" && value.text != "Deny") notes_.effect_in_wrong_case = true;
    return {};
  }

  /// A string or a list of strings.
  Status check_strings(const Json& value) const {
    if (value.is(Json::Type::string)) return {};
    if (!value.is(Json::Type::array)) return syntax_error("This policy contains invalid Json");
    for (const Json& element : value.elements)
      if (!element.is(Json::Type::string)) return syntax_error("This policy contains invalid Json");
    return {};
  }

  template <class Visit>
  static void each_of(const Json& value, Visit&& visit) {
    if (!value.is(Json::Type::array)) return visit(value);
    for (const Json& element : value.elements) visit(element);
  }

  Status read_actions(Statement& statement, const Json& value) {
    TRY_VOID(check_strings(value));
    each_of(value, [&](const Json& element) {
      const PatternOptions options{.wildcards = true, .variables = false, .ignore_case = true};
      statement.actions.push_back({element.text, Pattern::compile(element.text, options)});
    });
    return {};
  }

  Status read_principals(Principals& principals, const Json& value) {
    if (is_identity()) return {};  // it must not have them, whatever they are
    if (value.is(Json::Type::string))
      return add_principal(principals, "AWS", value, value.text == "*");
    if (!value.is(Json::Type::object) || value.names.empty()) return invalid_principal("", "");
    for (std::size_t i = 0; i < value.names.size(); ++i) {
      const std::string& kind = value.names[i];
      const Json& entries = value.elements[i];
      TRY_VOID(check_strings(entries));
      if (entries.is(Json::Type::string)) {
        TRY_VOID(add_principal(principals, kind, entries, true));
        continue;
      }
      if (entries.elements.empty()) return invalid_principal(kind, "");
      for (const Json& entry : entries.elements)
        TRY_VOID(add_principal(principals, kind, entry, true));
    }
    return {};
  }

  Status add_principal(Principals& principals, const std::string& kind, const Json& value,
                       bool allowed) {
    auto entry = allowed ? parse_principal_entry(kind, value.text) : std::nullopt;
    if (!entry) return invalid_principal(kind, value.text);
    principals.entries.push_back(*std::move(entry));
    return {};
  }

  std::unexpected<Error> invalid_principal(const std::string& kind,
                                           const std::string& value) const {
    std::string message = "Invalid principal in policy";
    if (kind_ == Kind::trust && !kind.empty()) message += ": \"" + kind + "\":\"" + value + "\"";
    return syntax_error(std::move(message));
  }

  Status read_conditions(Statement& statement, const Json& value) {
    if (!value.is(Json::Type::object)) return syntax_error("This policy contains invalid Json");
    for (std::size_t i = 0; i < value.names.size(); ++i) {
      const std::string& name = value.names[i];
      const Json& keys = value.elements[i];
      if (!keys.is(Json::Type::object)) return syntax_error("This policy contains invalid Json");
      const auto op = parse_operator(name);
      if (!op && !keys.names.empty()) return syntax_error("Invalid Condition type : " + name);
      for (std::size_t k = 0; k < keys.names.size(); ++k) {
        Condition condition{*op, name, keys.names[k], {}};
        TRY_VOID(check_condition_values(keys.elements[k]));
        raw_conditions_.push_back(
            {document_.statements.size(), statement.conditions.size(), &keys.elements[k]});
        statement.conditions.push_back(std::move(condition));
      }
    }
    return {};
  }

  Status check_condition_values(const Json& value) const {
    bool scalars = true;
    each_of(value, [&](const Json& element) {
      scalars = scalars && (element.is(Json::Type::string) || element.is(Json::Type::number) ||
                            element.is(Json::Type::boolean));
    });
    if (!scalars) return syntax_error("This policy contains invalid Json");
    return {};
  }

  bool is_identity() const { return kind_ != Kind::trust && kind_ != Kind::bucket; }

  // Version may stand after Statement: what depends on it is compiled once all has been read.
  struct RawResource {
    std::size_t statement;
    const Json* value;
  };
  struct RawCondition {
    std::size_t statement;
    std::size_t condition;
    const Json* value;
  };

 public:
  void compile() {
    const bool variables = document_.version == "2012-10-17";
    for (const RawResource& raw : raw_resources_) {
      Statement& statement = document_.statements[raw.statement];
      each_of(*raw.value, [&](const Json& element) {
        statement.resources.push_back(
            {element.text,
             ArnPattern::compile(element.text, variables, ArnPattern::Use::resource)});
      });
      if (kind_ == Kind::trust) statement.not_resource = true;  // seen, even if it is empty
    }
    for (const RawCondition& raw : raw_conditions_) {
      Condition& condition = document_.statements[raw.statement].conditions[raw.condition];
      each_of(*raw.value, [&](const Json& element) {
        condition.values.push_back(compile_value(condition.op, element.text, variables));
      });
    }
  }

 private:
  Kind kind_;
  Document document_{};
  ReadingNotes notes_{};
  std::vector<RawResource> raw_resources_{};
  std::vector<RawCondition> raw_conditions_{};
};

}  // namespace

Result<Document> parse(std::string_view text, Kind kind, ParseOptions options) {
  if (kind == Kind::bucket && !text.starts_with('{'))
    return fail(codes::malformed_policy,
                "Policies must be valid JSON and the first byte must be '{'");
  Builder builder(kind);
  const auto json = read_json(text);
  if (!json) return builder.syntax_error("This policy contains invalid Json");
  TRY_VOID(builder.read(*json));
  builder.compile();
  if (auto fault = first_fault(builder.document(), kind, options, builder.notes())) {
    const bool bucket = kind == Kind::bucket;
    return fail(bucket ? codes::malformed_policy : codes::malformed_policy_document,
                *std::move(fault));
  }
  builder.document().text = text;
  return std::move(builder.document());
}

std::size_t counted_size(std::string_view text) {
  std::size_t size = 0;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    const bool continues =
        (static_cast<unsigned char>(c) & 0xc0u) == 0x80u;  // of a UTF-8 character
    if (!space && !continues) ++size;
  }
  return size;
}

}  // namespace larder::policy
