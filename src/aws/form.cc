#include "aws/form.h"

#include <fmt/format.h>

#include <charconv>

#include "base/limits.h"

namespace larder::aws {
namespace {

/// roleName of RoleName: how AWS's messages spell a member.
std::string lower_first(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z')
    out[0] = static_cast<char>(out[0] - 'A' + 'a');
  return out;
}

struct Complaint {
  std::string wire;  // RoleName, Filter.1.Name
  std::string what;  // Value 'x' at 'roleName' failed to satisfy constraint: …
  bool missing;
};

class Decoder {
 public:
  Decoder(const Form& form, FormStyle style) : form_(form), style_(style) {}

  void structure(std::span<const Field> fields, void* object, const std::string& wire,
                 const std::string& path) {
    for (const auto& field : fields) {
      const std::string name = wire + std::string(field.wire_name());
      const std::string at = path + lower_first(field.name);
      const Type& type = field.type();
      if (!present(name)) {
        if (field.required) missing(name, at);
        continue;
      }
      void* member = field.member(object);
      value(type, type.engage ? type.engage(member) : member, name, at, field.limit);
    }
  }

  Result<void> verdict() const {
    if (complaints_.empty()) return {};
    const auto& first = complaints_.front();
    if (style_.ec2)
      return first.missing
                 ? fail(codes::missing_parameter,
                        fmt::format("The request must contain the parameter {}", first.wire))
                 : fail(codes::invalid_parameter_value, first.what);
    std::string all;
    for (const auto& complaint : complaints_) (all += all.empty() ? "" : "; ") += complaint.what;
    return fail(codes::validation_error,
                fmt::format("{} validation error{} detected: {}", complaints_.size(),
                            complaints_.size() == 1 ? "" : "s", all));
  }

 private:
  bool present(const std::string& name) const {
    const auto at = form_.lower_bound(name);
    return at != form_.end() && (at->first == name || at->first.starts_with(name + "."));
  }

  void missing(const std::string& wire, const std::string& path) {
    complaints_.push_back(
        {wire,
         fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null",
                     path),
         true});
  }

  void refuse(const std::string& wire, const std::string& shown, const std::string& path,
              const std::string& constraint) {
    const std::string what =
        style_.ec2
            ? fmt::format("Value ({}) for parameter {} is invalid. {}", shown, wire, constraint)
            : fmt::format("Value '{}' at '{}' failed to satisfy constraint: {}", shown, path,
                          constraint);
    complaints_.push_back({wire, what, false});
  }

  void value(const Type& type, void* into, const std::string& wire, const std::string& path,
             std::size_t limit) {
    switch (type.kind) {
      case Type::Kind::structure:
        return structure(type.fields(), into, wire + ".", path + ".");
      case Type::Kind::list:
        return list(type, into, wire, path, limit);
      case Type::Kind::scalar:
        break;
    }
    const auto found = form_.find(wire);
    if (found == form_.end()) return missing(wire, path);
    const auto parsed = type.parse(into, found->second);
    if (!parsed) refuse(wire, found->second.substr(0, 256), path, parsed.error().message);
  }

  void list(const Type& type, void* into, const std::string& wire, const std::string& path,
            std::size_t limit) {
    const std::string prefix = wire + (style_.member ? ".member." : ".");
    const std::string inner = style_.member ? "member" : "";
    std::size_t i = 1;
    for (; present(prefix + std::to_string(i)); ++i) {
      if (limit != 0 && i > limit) return refuse(wire, "[...]", path, length_at_most(limit));
      if (i > limits::query_parameters_count) return;
      value(type.element(), type.append(into), prefix + std::to_string(i),
            fmt::format("{}.{}{}{}", path, i, inner.empty() ? "" : ".", inner), 0);
    }
    // A gap, or a name of another form, must not make what it says disappear: a list of session
    // policies that is read as empty would take every limit away.
    for (auto at = form_.lower_bound(wire + ".");
         at != form_.end() && at->first.starts_with(wire + "."); ++at)
      if (!is_member(at->first, prefix, i - 1))
        return refuse(wire, "[...]", path, "Members must be numbered from 1 without a gap");
  }

  /// Is `name` within prefix + 1 … prefix + `count`?
  static bool is_member(std::string_view name, std::string_view prefix, std::size_t count) {
    if (!name.starts_with(prefix)) return false;
    name.remove_prefix(prefix.size());
    const auto digits = name.substr(0, name.find('.'));
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    return error == std::errc() && end == digits.data() + digits.size() &&
           !digits.starts_with('0') && index <= count;
  }

  const Form& form_;
  const FormStyle style_;
  std::vector<Complaint> complaints_;
};

}  // namespace

Form make_form(Parameters parameters) {
  Form form;
  for (auto& [name, value] : parameters) form.try_emplace(std::move(name), std::move(value));
  return form;
}

Result<void> decode_form(const Form& form, std::span<const Field> fields, void* object,
                         FormStyle style) {
  Decoder decoder(form, style);
  decoder.structure(fields, object, "", "");
  return decoder.verdict();
}

}  // namespace larder::aws
