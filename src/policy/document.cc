#include "policy/document.h"

#include <utility>

#include "policy/json_reader.h"
#include "policy/places.h"
#include "policy/validate.h"

namespace larder::policy {

namespace {

using Status = Result<void>;

/// Builds the value out of the JSON, element by element. What is wrong with the form of an element
/// is said here; what is wrong with the document as a policy, in validate.cc.
class Builder {
 public:
  explicit Builder(Kind kind) : kind_(kind) {}

  Status read(Json& root) {
    if (!root.is(Json::Type::object)) return invalid_json(root.offset, "A policy is an object");
    Json* statement = nullptr;
    for (std::size_t i = 0; i < root.names.size(); ++i) {
      const std::string& name = root.names[i];
      Json& value = root.elements[i];
      if (name == "Version") {
        TRY_VOID(read_version(value));
      } else if (name == "Id") {
        if (!value.is(Json::Type::string))
          return syntax_error(value.offset, "Invalid policy syntax.", "Id must be a string");
        document_.id = value.text;
      } else if (name == "Statement") {
        statement = &value;
      } else {
        return syntax_error(root.name_offsets[i], "Unknown field " + name,
                            "Unknown field " + name + ": a policy has Version, Id and Statement");
      }
    }
    if (statement == nullptr) return syntax_error(root.offset, "Missing required field Statement");
    return read_statements(*statement);
  }

  Document& document() { return document_; }
  const ReadingNotes& notes() const { return notes_; }

  /// Identity policies have one message for every fault of form; resource policies are told which.
  /// `detail`, where it is not `specific`, tells people more.
  std::unexpected<Error> syntax_error(std::size_t offset, std::string specific,
                                      std::string detail = {}) {
    offset_ = offset;
    detail_ = detail.empty() ? specific : std::move(detail);
    if (kind_ == Kind::bucket) return fail(codes::malformed_policy, std::move(specific));
    if (kind_ == Kind::trust) return fail(codes::malformed_policy_document, std::move(specific));
    return fail(codes::malformed_policy_document, "Syntax errors in policy.");
  }
  std::unexpected<Error> invalid_json(std::size_t offset, std::string_view detail) {
    return syntax_error(offset, "This policy contains invalid Json", std::string(detail));
  }

  Refusal refusal(Error error) { return {std::move(error), offset_, std::move(detail_)}; }

 private:
  Status read_version(const Json& value) {
    const bool known = value.text == "2012-10-17" || value.text == "2008-10-17";
    if (!value.is(Json::Type::string) || !known)
      return syntax_error(value.offset, "The policy must contain a valid version string",
                          "Version must be \"2012-10-17\" or \"2008-10-17\"");
    document_.version = value.text;
    return {};
  }

  Status read_statements(Json& value) {
    if (value.is(Json::Type::object)) return read_statement(value);
    if (!value.is(Json::Type::array))
      return invalid_json(value.offset, "Statement must be an object or a list of objects");
    if (value.elements.empty())
      return syntax_error(value.offset, "Could not parse the policy: Statement is empty!");
    for (Json& element : value.elements) TRY_VOID(read_statement(element));
    return {};
  }

  Status read_statement(Json& value) {
    if (!value.is(Json::Type::object))
      return invalid_json(value.offset, "Statement must be an object or a list of objects");
    Statement statement;
    Seen seen;
    for (std::size_t i = 0; i < value.names.size(); ++i)
      TRY_VOID(
          read_element(statement, seen, value.names[i], value.name_offsets[i], value.elements[i]));
    if (!seen.effect) return syntax_error(value.offset, "Missing required field Effect");
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

  std::unexpected<Error> not_alone(std::size_t offset, const std::string& base) {
    return syntax_error(offset, "Invalid policy syntax.",
                        "A statement has one " + base + " or one Not" + base + ", not both");
  }

  Status read_element(Statement& statement, Seen& seen, const std::string& name,
                      std::size_t name_offset, Json& value) {
    const bool negated = name.starts_with("Not");
    const std::string_view base = std::string_view(name).substr(negated ? 3 : 0);
    if (name == "Sid") {
      if (!value.is(Json::Type::string))
        return syntax_error(value.offset, "Invalid policy syntax.", "Sid must be a string");
      statement.sid = value.text;
      return {};
    }
    if (name == "Effect") {
      seen.effect = true;
      return read_effect(statement, value);
    }
    if (name == "Condition") return read_conditions(statement, value);
    if (base == "Action") {
      if (std::exchange(seen.action, true)) return not_alone(name_offset, "Action");
      statement.not_action = negated;
      return read_strings(statement.actions, value);
    }
    if (base == "Resource") {
      if (std::exchange(seen.resource, true)) return not_alone(name_offset, "Resource");
      // A trust policy must not have the element; that it is empty does not make it absent.
      statement.not_resource = negated || kind_ == Kind::trust;
      return read_strings(statement.resources, value);
    }
    if (base == "Principal") {
      if (std::exchange(seen.principal, true)) return not_alone(name_offset, "Principal");
      statement.principals.emplace();
      statement.principals->negated = negated;
      return read_principals(*statement.principals, value);
    }
    return syntax_error(name_offset, "Unknown field " + name,
                        "Unknown field " + name +
                            ": a statement has Sid, Effect, Principal, Action, Resource (or "
                            "NotPrincipal, NotAction, NotResource) and Condition");
  }

  Status read_effect(Statement& statement, const Json& value) {
    constexpr const char* detail = "Effect must be \"Allow\" or \"Deny\"";
    if (!value.is(Json::Type::string))
      return syntax_error(value.offset, "Invalid effect: ", detail);
    const bool allow = equal_ignoring_case(value.text, "Allow");
    if (!allow && !equal_ignoring_case(value.text, "Deny"))
      return syntax_error(value.offset, "Invalid effect: " + value.text, detail);
    statement.effect = allow ? Effect::allow : Effect::deny;
    const bool exact = value.text == "Allow" || value.text == "Deny";
    if (!exact && !notes_.effect_in_wrong_case)
      notes_.effect_in_wrong_case = document_.statements.size();
    return {};
  }

  /// A string or a list of strings.
  Status check_strings(const Json& value) {
    constexpr std::string_view detail = "A string or a list of strings is wanted here";
    if (value.is(Json::Type::string)) return {};
    if (!value.is(Json::Type::array)) return invalid_json(value.offset, detail);
    for (const Json& element : value.elements)
      if (!element.is(Json::Type::string)) return invalid_json(element.offset, detail);
    return {};
  }

  static void each_of(auto& value, auto&& visit) {
    if (!value.is(Json::Type::array)) return visit(value);
    for (auto& element : value.elements) visit(element);
  }
  /// Texts are taken out of the JSON: nobody needs them there any more.
  static void move_texts(std::vector<std::string>& texts, Json& value) {
    texts.reserve(value.is(Json::Type::array) ? value.elements.size() : 1);
    each_of(value, [&](Json& element) { texts.push_back(std::move(element.text)); });
  }

  Status read_strings(std::vector<std::string>& texts, Json& value) {
    TRY_VOID(check_strings(value));
    move_texts(texts, value);
    return {};
  }

  Status read_principals(Principals& principals, const Json& value) {
    if (is_identity()) return {};  // it must not have them, whatever they are
    if (value.is(Json::Type::string))
      return add_principal(principals, "AWS", value, value.text == "*");
    if (!value.is(Json::Type::object) || value.names.empty())
      return invalid_principal(value.offset, "", "");
    for (std::size_t i = 0; i < value.names.size(); ++i) {
      const std::string& kind = value.names[i];
      const Json& entries = value.elements[i];
      TRY_VOID(check_strings(entries));
      if (entries.is(Json::Type::string)) {
        TRY_VOID(add_principal(principals, kind, entries, true));
        continue;
      }
      if (entries.elements.empty()) return invalid_principal(entries.offset, kind, "");
      for (const Json& entry : entries.elements)
        TRY_VOID(add_principal(principals, kind, entry, true));
    }
    return {};
  }

  Status add_principal(Principals& principals, const std::string& kind, const Json& value,
                       bool allowed) {
    // Canonical ids are S3's.
    if (kind_ == Kind::trust && kind == "CanonicalUser") allowed = false;
    auto entry = allowed ? parse_principal_entry(kind, value.text) : std::nullopt;
    if (!entry) return invalid_principal(value.offset, kind, value.text);
    principals.entries.push_back(*std::move(entry));
    return {};
  }

  std::unexpected<Error> invalid_principal(std::size_t offset, const std::string& kind,
                                           const std::string& value) {
    std::string message = "Invalid principal in policy";
    if (kind_ == Kind::trust && !kind.empty()) message += ": \"" + kind + "\":\"" + value + "\"";
    return syntax_error(
        offset, std::move(message),
        "\"" + value +
            "\" is none: a principal is \"*\", or {\"AWS\": an account or the ARN of "
            "a user, role or session}, {\"Service\": …} or {\"Federated\": …}");
  }

  Status read_conditions(Statement& statement, Json& value) {
    if (!value.is(Json::Type::object))
      return invalid_json(value.offset, "Condition must be an object of operators");
    for (std::size_t i = 0; i < value.names.size(); ++i) {
      const std::string& name = value.names[i];
      Json& keys = value.elements[i];
      if (!keys.is(Json::Type::object))
        return invalid_json(keys.offset, "An operator of a condition holds an object of keys");
      const auto op = parse_operator(name);
      if (!op && !keys.names.empty())
        return syntax_error(value.name_offsets[i], "Invalid Condition type : " + name);
      for (std::size_t k = 0; k < keys.names.size(); ++k) {
        Condition condition{*op, name, keys.names[k], {}};
        TRY_VOID(check_condition_values(keys.elements[k]));
        move_texts(condition.values, keys.elements[k]);
        statement.conditions.push_back(std::move(condition));
      }
    }
    return {};
  }

  Status check_condition_values(const Json& value) {
    const Json* wrong = nullptr;
    each_of(value, [&](const Json& element) {
      const bool scalar = element.is(Json::Type::string) || element.is(Json::Type::number) ||
                          element.is(Json::Type::boolean);
      if (!scalar && wrong == nullptr) wrong = &element;
    });
    if (wrong == nullptr) return {};
    return invalid_json(wrong->offset, "A value is a string, a number or a boolean");
  }

  bool is_identity() const { return kind_ != Kind::trust && kind_ != Kind::bucket; }

  Kind kind_;
  Document document_{};
  ReadingNotes notes_{};
  // Of the refusal.
  std::size_t offset_ = 0;
  std::string detail_{};
};

}  // namespace

std::expected<Document, Refusal> parse_located(std::string_view text, Kind kind,
                                               ParseOptions options) {
  const ErrorCode code =
      kind == Kind::bucket ? codes::malformed_policy : codes::malformed_policy_document;
  const auto refuse = [](Refusal refusal) { return std::unexpected(std::move(refusal)); };
  if (kind == Kind::bucket && !text.starts_with('{'))
    return refuse({{code, "Policies must be valid JSON and the first byte must be '{'"}});
  Builder builder(kind);
  auto json = read_json(text);
  if (!json) {
    const JsonError& wrong = json.error();
    return refuse(builder.refusal(builder.invalid_json(wrong.offset, wrong.what).error()));
  }
  if (auto built = builder.read(*json); !built)
    return refuse(builder.refusal(std::move(built).error()));
  Document& document = builder.document();
  if (auto fault = first_fault(document, kind, options, builder.notes()))
    return refuse({{code, std::move(fault->message)}, offset_of(*json, fault->place)});
  document.text = text;
  document.compiled = CompiledDocument(document.statements, document.version == "2012-10-17");
  return std::move(document);
}

Result<Document> parse(std::string_view text, Kind kind, ParseOptions options) {
  auto document = parse_located(text, kind, options);
  if (!document) return fail(std::move(document).error().error);
  return *std::move(document);
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
