#include "iam/operations/role_shape.h"

namespace larder::iam {

RoleShape to_shape(const std::string& account, const Role& role, Detail detail) {
  RoleShape out{role.path,    role.name,        role.id, role_arn(account, role),
                role.created, {role.trust.text}};
  if (!role.description.empty()) out.description = role.description;
  if (detail != Detail::created) out.max_session = role.max_session_seconds;
  if (detail == Detail::listed) return out;
  if (!role.boundary.empty()) out.boundary = AttachedBoundary{.arn = role.boundary};
  if (!role.tags.empty()) out.tags = to_tags(role.tags);
  return out;
}

}  // namespace larder::iam
