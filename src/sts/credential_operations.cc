// IssueCredentials of Larder's own service: what `larder credentials` asks the server for over the
// Unix socket.
#include "aws/arn.h"
#include "sts/sts.h"
#include "sts/types.h"

namespace larder::sts {
namespace {

constexpr ErrorCode no_such_entity{"NoSuchEntity", 404};
constexpr ErrorCode invalid_parameter_combination{"InvalidParameterCombination", 400};

/// The trust policy is not asked: who owns the socket owns the data.
struct IssueCredentials {
  static constexpr std::string_view name = "IssueCredentials";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Sts;
  struct Input {
    std::optional<RoleArnText> role_arn;
    bool root = false;
    std::optional<Duration<1, 43'200>> duration;
    static constexpr auto shape =
        aws::fields(aws::optional<&Input::role_arn>("RoleArn"), aws::optional<&Input::root>("Root"),
                    aws::optional<&Input::duration>("DurationSeconds"));
  };
  struct Output {
    std::string access_key_id, secret_access_key, session_token, account;
    Time expiration{};
    static constexpr auto shape =
        aws::fields(aws::required<&Output::access_key_id>("AccessKeyId"),
                    aws::required<&Output::secret_access_key>("SecretAccessKey"),
                    aws::required<&Output::session_token>("SessionToken"),
                    aws::required<&Output::expiration>("Expiration"),
                    aws::required<&Output::account>("AccountId"));
  };
  static std::string subject(const aws::Call& call, const Input& in) {
    if (in.root) return aws::iam_arn(call.caller.account(), "root", "", "");
    return in.role_arn ? in.role_arn->str() : call.caller.principal.role_arn;
  }
  static aws::Needs needs(const Sts&, const aws::Call& call, const Input& in) {
    aws::Demand demand{.action = "larder:IssueCredentials", .resource = subject(call, in)};
    const auto arn = aws::parse_arn(demand.resource);
    demand.resource_account = arn ? std::string(arn->account) : "";
    return {demand};
  }
  static Task<Result<Output>> run(Sts& sts, aws::Call& call, Input in) {
    if (in.root && in.role_arn)
      co_return fail(invalid_parameter_combination, "Root and RoleArn exclude each other.");
    aws::Session session;
    session.account = call.caller.account();
    session.name = call.caller.session ? call.caller.session->name : "operator";
    session.issued = call.now;
    session.expires = call.now + Seconds(aws::or_default(in.duration).seconds());
    if (in.root) {
      session.kind = aws::Session::Kind::root;
      session.name.clear();
    } else {
      const auto role = sts.roles().role_by_arn(subject(call, in));
      if (!role)
        co_return fail(no_such_entity, "There is no role " + subject(call, in) +
                                           "; `aws iam list-roles` shows those there are.");
      session.role_id = role->id;
      session.role_arn = role->arn;
    }
    CO_TRY(const auto made, sts.issuer().issue(session));
    co_return Output{made.access_key_id, std::string(made.secret_access_key.reveal()),
                     made.session_token, session.account, made.expires};
  }
};

}  // namespace

std::span<const aws::Operation> credential_operations() {
  static constexpr auto all = aws::operations<IssueCredentials>();
  return all;
}

}  // namespace larder::sts
