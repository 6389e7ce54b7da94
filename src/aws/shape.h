// Shapes: what an operation takes and gives, as tables of fields that the codecs of every protocol
// walk. A field is a member of a struct, its name in AWS's model and its place on the wire. The
// tables are erased (function pointers), so that a codec is compiled once and not once an
// operation.
#pragma once

#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/text.h"
#include "base/clock.h"
#include "base/result.h"

namespace larder::aws {

struct Field;

/// How values of one C++ type are read and written. Only the members of its kind are set.
struct Type {
  enum class Kind { scalar, structure, list };
  Kind kind = Kind::scalar;

  // scalar; a failure's message is the constraint that was broken
  Result<void> (*parse)(void* value, std::string_view text) = nullptr;
  std::string (*print)(const void* value) = nullptr;
  bool is_number = false;
  bool is_boolean = false;

  // structure
  std::span<const Field> (*fields)() = nullptr;

  // list
  const Type& (*element)() = nullptr;
  void* (*append)(void* list) = nullptr;
  std::size_t (*size)(const void* list) = nullptr;
  const void* (*at)(const void* list, std::size_t index) = nullptr;

  // std::optional of any of them: `engage` makes the value, `value` is null when there is none
  void* (*engage)(void* optional) = nullptr;
  const void* (*value)(const void* optional) = nullptr;
};

template <class T>
const Type& type_of();

/// Where a field stands in an S3 request or answer. The other protocols know only the body.
/// `stream` is the payload itself, which run() reads or writes as it flows.
enum class Place { body, query, header, header_prefix, bucket, key, payload, stream };

struct Field {
  std::string_view name;  // in AWS's model
  bool required;
  void* (*member)(void* object);
  const Type& (*type)();
  Place place = Place::body;
  std::string_view wire{};  // on the wire, where that differs from name
  std::string_view
      item{};             // the element around each member of a list; empty: the protocol's default
  bool flat = false;      // S3: the list has no element around it
  std::size_t limit = 0;  // of a list's members; 0: none

  constexpr std::string_view wire_name() const { return wire.empty() ? name : wire; }
  const void* member_of(const void* object) const { return member(const_cast<void*>(object)); }

  // Each yields a changed copy.
  constexpr Field as(std::string_view wire_name) const { return in(place, wire_name); }
  constexpr Field in_query(std::string_view parameter) const { return in(Place::query, parameter); }
  constexpr Field in_header(std::string_view header) const { return in(Place::header, header); }
  constexpr Field in_headers_with(std::string_view prefix) const {
    return in(Place::header_prefix, prefix);
  }
  constexpr Field in_bucket() const { return in(Place::bucket, {}); }
  constexpr Field in_key() const { return in(Place::key, {}); }
  /// The whole body: of a structure (or a scalar) the XML element `root`; of a scalar with an empty
  /// `root` the text itself.
  constexpr Field in_payload(std::string_view root) const { return in(Place::payload, root); }
  constexpr Field in_stream() const { return in(Place::stream, {}); }
  constexpr Field in(Place where, std::string_view wire_name) const {
    Field copy = *this;
    copy.place = where;
    copy.wire = wire_name;
    return copy;
  }
  constexpr Field items(std::string_view element) const {
    Field copy = *this;
    copy.item = element;
    return copy;
  }
  constexpr Field flattened() const {
    Field copy = *this;
    copy.flat = true;
    return copy;
  }
  constexpr Field at_most(std::size_t count) const {
    Field copy = *this;
    copy.limit = count;
    return copy;
  }
};

template <class Member>
struct MemberPointer;
template <class Object, class Value>
struct MemberPointer<Value Object::*> {
  using object = Object;
  using value = Value;
};

template <auto Member>
constexpr Field make_field(std::string_view name, bool required) {
  using Pointer = MemberPointer<decltype(Member)>;
  return {.name = name,
          .required = required,
          .member = [](void* object) -> void* {
            return &(static_cast<typename Pointer::object*>(object)->*Member);
          },
          .type = &type_of<typename Pointer::value>};
}
template <auto Member>
constexpr Field required(std::string_view name) {
  return make_field<Member>(name, true);
}
template <auto Member>
constexpr Field optional(std::string_view name) {
  return make_field<Member>(name, false);
}
constexpr std::array<Field, 0> fields() { return {}; }
template <class... F>
constexpr std::array<Field, sizeof...(F)> fields(F... all) {
  return {all...};
}

template <class T>
concept Shape = requires { T::shape; };

/// What a member has, or its type's default.
template <class T>
T or_default(const std::optional<T>& member) {
  return member ? *member : T{};
}

/// An operation that takes or gives nothing.
struct Nothing {
  static constexpr auto shape = fields();
};

/// Stands for the member of a shape that is the streamed payload.
struct Streamed {
  static constexpr auto shape = fields();
};

/// One of a set of headers with a common prefix, without it: user metadata.
struct NameValue {
  std::string name;
  std::string value;
  static constexpr auto shape = fields();
};

// ---- scalars
// ---- scalars

template <class T>
struct Scalar;
template <>
struct Scalar<std::string> {
  static Result<std::string> parse(std::string_view text) { return std::string(text); }
  static std::string print(const std::string& value) { return value; }
};
template <>
struct Scalar<bool> {
  static Result<bool> parse(std::string_view text);
  static std::string print(bool value) { return value ? "true" : "false"; }
};
template <>
struct Scalar<std::int64_t> {
  static Result<std::int64_t> parse(std::string_view text);
  static std::string print(std::int64_t value) { return std::to_string(value); }
};
template <>
struct Scalar<Time> {
  static Result<Time> parse(std::string_view text);
  static std::string print(Time value);  // 2013-05-24T00:00:00Z
};
template <class T>
  requires requires(std::string_view text, const T& value) {
    { T::parse(text) } -> std::same_as<Result<T>>;
    { std::string(value.str()) };
  }
struct Scalar<T> {
  static Result<T> parse(std::string_view text) { return T::parse(text); }
  static std::string print(const T& value) { return value.str(); }
};

// ---- Type of each C++ type
// ------------------------------------------------------------------------------------------------

template <class T>
struct TypeFor {
  static constexpr Type make() {
    Type type{};
    if constexpr (Shape<T>) {
      type.kind = Type::Kind::structure;
      type.fields = [] { return std::span<const Field>(T::shape); };
    } else {
      type.kind = Type::Kind::scalar;
      type.is_number = std::same_as<T, std::int64_t>;
      type.is_boolean = std::same_as<T, bool>;
      type.parse = [](void* value, std::string_view text) -> Result<void> {
        auto parsed = Scalar<T>::parse(text);
        if (!parsed) return fail(std::move(parsed).error());
        *static_cast<T*>(value) = *std::move(parsed);
        return {};
      };
      type.print = [](const void* value) {
        return Scalar<T>::print(*static_cast<const T*>(value));
      };
    }
    return type;
  }
};
template <class T>
struct TypeFor<std::vector<T>> {
  static constexpr Type make() {
    using List = std::vector<T>;
    Type type{};
    type.kind = Type::Kind::list;
    type.element = &type_of<T>;
    type.append = [](void* list) -> void* { return &static_cast<List*>(list)->emplace_back(); };
    type.size = [](const void* list) { return static_cast<const List*>(list)->size(); };
    type.at = [](const void* list, std::size_t i) -> const void* {
      return &(*static_cast<const List*>(list))[i];
    };
    return type;
  }
};
template <class T>
struct TypeFor<std::optional<T>> {
  static constexpr Type make() {
    Type type = TypeFor<T>::make();
    type.engage = [](void* value) -> void* {
      return &static_cast<std::optional<T>*>(value)->emplace();
    };
    type.value = [](const void* value) -> const void* {
      const auto& held = *static_cast<const std::optional<T>*>(value);
      return held ? &*held : nullptr;
    };
    return type;
  }
};

template <class T>
const Type& type_of() {
  static constexpr Type type = TypeFor<T>::make();
  return type;
}

}  // namespace larder::aws
