// A role as answers show it: of its own operations, and inside instance profiles.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iam/operations/types.h"

namespace larder::iam {

/// As a listing shows it; GetRole adds what listings leave out.
struct RoleShape {
  std::string path, name, id, arn;
  Time created{};
  EncodedDocument trust;
  std::optional<std::string> description{};
  std::optional<std::int64_t> max_session{};
  std::optional<AttachedBoundary> boundary{};
  std::optional<std::vector<Tag>> tags{};
  static constexpr auto shape = aws::fields(
      aws::optional<&RoleShape::path>("Path"), aws::optional<&RoleShape::name>("RoleName"),
      aws::optional<&RoleShape::id>("RoleId"), aws::optional<&RoleShape::arn>("Arn"),
      aws::optional<&RoleShape::created>("CreateDate"),
      aws::optional<&RoleShape::trust>("AssumeRolePolicyDocument"),
      aws::optional<&RoleShape::description>("Description"),
      aws::optional<&RoleShape::max_session>("MaxSessionDuration"),
      aws::optional<&RoleShape::boundary>("PermissionsBoundary"),
      aws::optional<&RoleShape::tags>("Tags"));
};

enum class Detail { created, listed, full };

RoleShape to_shape(const std::string& account, const Role& role, Detail detail);

}  // namespace larder::iam
