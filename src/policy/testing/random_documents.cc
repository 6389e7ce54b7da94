#include "policy/testing/random_documents.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <utility>

#include "policy/testing/random_alphabet.h"

namespace larder::policy::test {

namespace {

namespace json = boost::json;

std::size_t character_size(std::string_view text, std::size_t at) {
  std::size_t size = 1;
  while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xc0u) == 0x80u)
    ++size;
  return size;
}

/// Some characters from `from` on become wildcards, now and then one becomes a variable.
std::string blur(Dice& dice, std::string_view text, std::size_t from, bool with_variables) {
  std::string result(text.substr(0, from));
  for (std::size_t at = from; at < text.size();) {
    const std::size_t size = character_size(text, at);
    if (dice.chance(6)) {
      result += '*';
      at += size * dice.below(4);
      while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80u) ++at;
      at = std::min(at, text.size());
      continue;
    }
    if (dice.chance(4)) {
      result += '?';
    } else if (with_variables && dice.chance(3)) {
      result += dice.pick(variables);
    } else {
      result += text.substr(at, size);
    }
    at += size;
  }
  return result;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  if (const std::size_t at = text.find(what); at != std::string::npos)
    text.replace(at, what.size(), with);
  return text;
}

std::string other_case(Dice& dice, std::string text) {
  for (char& c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter && dice.chance(30)) c = static_cast<char>(c ^ 0x20);
  }
  return text;
}

std::string random_action(Dice& dice, Kind kind) {
  if (kind != Kind::trust && dice.chance(22)) return dice.chance(80) ? "*" : "*:*";
  const std::string_view action =
      kind == Kind::trust ? dice.pick(trust_actions) : dice.pick(actions);
  const std::size_t name = action.find(':') + 1;
  if (kind != Kind::trust && dice.chance(25)) return std::string(action.substr(0, name)) + "*";
  std::string text = dice.chance(40) ? blur(dice, action, name, false) : std::string(action);
  return dice.chance(25) ? other_case(dice, std::move(text)) : text;
}

/// Where wildcards may stand: not in the partition, the service and what IAM's paths begin with.
std::size_t open_from(Dice& dice, std::string_view resource) {
  if (resource.starts_with("arn:aws:s3:::")) return 13;
  const std::size_t slash = resource.find('/') + 1;
  return resource.starts_with("arn:aws:ec2:") && dice.chance(30) ? 12 : slash;
}

std::string random_resource(Dice& dice, Kind kind) {
  if (dice.chance(22)) return "*";
  if (dice.chance(10)) return "arn:aws:s3:::photos/*";
  if (dice.chance(2)) return "arn:aws:ec2:us-east-1:${aws:PrincipalAccount}:instance/*";
  if (dice.chance(2)) return "arn:aws:ec2:*:${*}:instance/*";
  if (dice.chance(2)) return "arn:aws:ec2:*:*:instance/*";
  if (dice.chance(2)) return "arn:aws:iam::*:user/*";
  if (kind == Kind::bucket && dice.chance(2)) return "arn:aws:s?:::photos/*";
  if (kind == Kind::bucket && dice.chance(2))
    return dice.chance(50) ? "arn:aws:s3*" : "arn:aws:s3${$}*";
  std::string text(dice.pick(resources));
  if (text == "*") return text;
  if (dice.chance(20)) {
    constexpr std::string_view parts[] = {"alice", "bob", "blue", "cat", "1", "*", "?", "Reader"};
    text = replaced(std::move(text), dice.pick(parts), dice.pick(variables));
  }
  if (dice.chance(60)) text = blur(dice, text, open_from(dice, text), dice.chance(40));
  return text;
}

std::string random_principal_arn(Dice& dice) {
  const std::string account(dice.pick(accounts));
  constexpr std::string_view iam[] = {"user/alice",  "user/team/bob",    "user/alice2",
                                      "role/Reader", "role/apps/Writer", "root"};
  constexpr std::string_view sts[] = {"assumed-role/Reader/s1", "assumed-role/Writer/s2",
                                      "federated-user/carol"};
  if (dice.chance(25)) return "arn:aws:sts::" + account + ":" + std::string(dice.pick(sts));
  return "arn:aws:iam::" + account + ":" + std::string(dice.pick(iam));
}

std::string random_aws_principal(Dice& dice) {
  if (dice.chance(10)) return "*";
  if (dice.chance(15)) return std::string(dice.pick(accounts));
  if (dice.chance(10))
    return std::string(dice.chance(50) ? dice.pick(user_ids) : dice.pick(role_ids));
  return random_principal_arn(dice);
}

/// One, or a list of up to three.
json::value one_or_more(Dice& dice, const std::function<json::value()>& make) {
  if (dice.chance(60)) return make();
  json::array list;
  const std::size_t count = 1 + dice.below(3);
  while (list.size() < count) list.push_back(make());
  return list;
}

json::value random_principal(Dice& dice, Kind kind) {
  if (dice.chance(25)) return "*";
  json::object element;
  const auto text = [](std::string_view s) {
    return json::value(json::string(s.data(), s.size()));
  };
  if (dice.chance(80))
    element["AWS"] = one_or_more(dice, [&] { return text(random_aws_principal(dice)); });
  if (dice.chance(15)) {
    constexpr std::string_view services[] = {"ec2.amazonaws.com", "lambda.amazonaws.com"};
    element["Service"] = one_or_more(dice, [&] { return text(dice.pick(services)); });
  }
  if (kind == Kind::bucket && dice.chance(10))
    element["CanonicalUser"] = text(dice.pick(canonical_ids));
  if (element.empty() || dice.chance(10)) {
    const std::string provider =
        "arn:aws:iam::" + std::string(dice.pick(accounts)) + ":oidc-provider/idp.example.com";
    element["Federated"] = text(provider);
  }
  return element;
}

constexpr std::string_view operators_of(ValueType type, std::size_t roll) {
  constexpr std::string_view text[] = {
      "StringEquals", "StringNotEquals",        "StringLike",   "StringNotLike",
      "StringLike",   "StringEqualsIgnoreCase", "StringEquals", "StringNotEqualsIgnoreCase"};
  constexpr std::string_view number[] = {"NumericEquals",      "NumericNotEquals",
                                         "NumericLessThan",    "NumericLessThanEquals",
                                         "NumericGreaterThan", "NumericGreaterThanEquals"};
  constexpr std::string_view date[] = {"DateEquals",      "DateNotEquals",
                                       "DateLessThan",    "DateLessThanEquals",
                                       "DateGreaterThan", "DateGreaterThanEquals"};
  constexpr std::string_view arn[] = {"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"};
  switch (type) {
    case ValueType::text:
      return text[roll % 8];
    case ValueType::number:
      return number[roll % 6];
    case ValueType::date:
      return date[roll % 6];
    case ValueType::boolean:
      return "Bool";
    case ValueType::binary:
      return "BinaryEquals";
    case ValueType::address:
      return roll % 3 == 0 ? "NotIpAddress" : "IpAddress";
    case ValueType::arn:
      return arn[roll % 4];
  }
  return {};
}

std::string random_text_value(Dice& dice, std::string_view text) {
  std::string value(text);
  if (dice.chance(20)) return std::string(dice.pick(variables));
  if (dice.chance(30)) value = blur(dice, value, 0, dice.chance(40));
  return dice.chance(10) ? other_case(dice, std::move(value)) : value;
}

std::string random_arn_value(Dice& dice) {
  constexpr std::string_view patterns[] = {"*",
                                           "arn:aws:s:*:111:f/*",
                                           "arn:*:iam::*:*",
                                           "arn:aws:iam::${aws:PrincipalAccount}:user/*",
                                           "${aws:PrincipalArn}",
                                           "${aws:SourceArn}",
                                           "arn:aws:s3*",
                                           "arn:aws:s3:::${aws:username, 'photos'}"};
  if (dice.chance(30)) return std::string(dice.pick(patterns));
  const std::string_view arn = dice.pick(arns);
  return dice.chance(50) ? blur(dice, arn, std::min<std::size_t>(arn.size(), 4), dice.chance(40))
                         : std::string(arn);
}

json::value random_condition_value(Dice& dice, ValueType type, bool readable_dates) {
  const auto text = [](std::string_view s) {
    return json::value(json::string(s.data(), s.size()));
  };
  switch (type) {
    case ValueType::text:
      return text(random_text_value(dice, dice.pick(texts)));
    case ValueType::number:
      if (dice.chance(15)) return static_cast<std::int64_t>(dice.below(12)) - 2;
      return text(dice.pick(numbers));
    case ValueType::date:
      if (readable_dates) return text(dates[dice.below(dates_readable)]);
      return text(dice.pick(dates));
    case ValueType::boolean:
      if (dice.chance(15)) return dice.chance(50);
      return text(dice.pick(booleans));
    case ValueType::binary:
      return text(dice.pick(binaries));
    case ValueType::address:
      return text(dice.pick(addresses));
    case ValueType::arn:
      return text(random_arn_value(dice));
  }
  return nullptr;
}

json::object random_conditions(Dice& dice, Kind kind) {
  json::object conditions;
  const std::size_t count = 1 + dice.below(100) / 70;
  for (std::size_t i = 0; i < count; ++i) {
    const KeyChoice& key = dice.pick(condition_keys);
    const ValueType type = dice.chance(92) ? key.type : static_cast<ValueType>(dice.below(7));
    std::string name(operators_of(type, dice.below(24)));
    ValueType value_type = dice.chance(95) || type == ValueType::date ? type : ValueType::text;
    if (dice.chance(8)) {
      name = "Null";
      value_type = ValueType::boolean;
    } else {
      if (dice.chance(25)) name += "IfExists";
      const std::size_t often = key.name == "aws:TagKeys" ? 35 : 10;
      if (dice.chance(often))
        name = "ForAllValues:" + name;
      else if (dice.chance(often))
        name = "ForAnyValue:" + name;
    }
    const auto make = [&] {
      return random_condition_value(dice, value_type, kind != Kind::bucket);
    };
    const std::string key_name =
        dice.chance(20) ? other_case(dice, std::string(key.name)) : std::string(key.name);
    json::value& keys = conditions[name];
    if (!keys.is_object()) keys.emplace_object();
    keys.get_object()[key_name] =
        dice.chance(1) ? json::value(json::array()) : one_or_more(dice, make);
  }
  return conditions;
}

json::object random_statement(Dice& dice, Kind kind, std::size_t index) {
  const bool trust = kind == Kind::trust;
  const auto text = [](std::string_view s) {
    return json::value(json::string(s.data(), s.size()));
  };
  json::object statement;
  if (dice.chance(30)) statement["Sid"] = "S" + std::to_string(index);
  statement["Effect"] = dice.chance(85) ? "Allow" : "Deny";
  if (trust || kind == Kind::bucket)
    statement[!trust && dice.chance(20) ? "NotPrincipal" : "Principal"] =
        random_principal(dice, kind);
  statement[!trust && dice.chance(15) ? "NotAction" : "Action"] =
      one_or_more(dice, [&] { return text(random_action(dice, kind)); });
  if (!trust)
    statement[dice.chance(15) ? "NotResource" : "Resource"] =
        one_or_more(dice, [&] { return text(random_resource(dice, kind)); });
  if (dice.chance(40)) statement["Condition"] = random_conditions(dice, kind);
  return statement;
}

}  // namespace

json::value random_document(Dice& dice, Kind kind) {
  json::object document;
  if (dice.chance(85)) document["Version"] = dice.chance(85) ? "2012-10-17" : "2008-10-17";
  const std::size_t count = 1 + dice.below(3);
  if (count == 1 && dice.chance(50)) {
    document["Statement"] = random_statement(dice, kind, 0);
    return document;
  }
  json::array statements;
  for (std::size_t i = 0; i < count; ++i) statements.push_back(random_statement(dice, kind, i));
  document["Statement"] = std::move(statements);
  return document;
}

}  // namespace larder::policy::test
