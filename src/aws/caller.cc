#include "aws/caller.h"

#include "aws/arn.h"

namespace larder::aws {

Caller caller_of(Session session, std::string access_key_id) {
  Caller caller;
  caller.access_key_id = std::move(access_key_id);
  auto& principal = caller.principal;
  principal.account = session.account;
  if (session.kind == Session::Kind::root) {
    principal.kind = policy::Principal::Kind::root;
    principal.arn = iam_arn(session.account, "root", "", "");
  } else {
    principal.kind = policy::Principal::Kind::role_session;
    principal.role_arn = session.role_arn;
    principal.arn = assumed_role_arn(session.role_arn, session.name);
    principal.unique_id = session.role_id;
  }
  caller.session = std::move(session);
  return caller;
}

}  // namespace larder::aws
