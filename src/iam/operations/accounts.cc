// Larder's own operations on accounts. There is no such service at AWS: it is on the Unix socket
// alone, for the operator.
#include <algorithm>

#include "iam/operations/new_access_key.h"
#include "iam/operations/types.h"

namespace larder::iam {
namespace {

struct AccountNameRule {
  static constexpr std::size_t min = 1, max = 64;
  static constexpr std::string_view pattern = "[\\w+=,.@ -]+";
  static constexpr bool allowed(unsigned char c) { return c == ' ' || aws::is_name_character(c); }
};
using AccountName = aws::Text<AccountNameRule>;

/// Something on each side of one @; whether mail arrives there is not our business.
class EmailAddress {
 public:
  static Result<EmailAddress> parse(std::string_view text) {
    constexpr std::size_t longest = 254;  // RFC 5321 §4.5.3.1.3, without the angle brackets
    if (text.size() > longest)
      return fail(aws::codes::validation_error, aws::length_at_most(longest));
    const bool graphic = std::ranges::all_of(
        text, [](char c) { return aws::is_graphic(static_cast<unsigned char>(c)); });
    const auto at = text.find('@');
    if (!graphic || at == text.npos || at == 0 || at + 1 == text.size() || at != text.rfind('@'))
      return fail(aws::codes::validation_error, aws::must_match("[^@\\s]+@[^@\\s]+"));
    EmailAddress address;
    address.text_ = text;
    return address;
  }
  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

struct AccountShape {
  std::string id, account_name, arn, canonical_id, email;
  std::optional<std::int64_t> max_bytes;
  static constexpr auto shape =
      aws::fields(aws::required<&AccountShape::id>("AccountId"),
                  aws::required<&AccountShape::account_name>("AccountName"),
                  aws::required<&AccountShape::arn>("Arn"),
                  aws::required<&AccountShape::canonical_id>("CanonicalUserId"),
                  aws::required<&AccountShape::email>("Email"),
                  aws::optional<&AccountShape::max_bytes>("MaxBytes"));
};

std::string root_arn(std::string_view account) { return aws::iam_arn(account, "root", "", ""); }

AccountShape to_shape(const AccountRecord& record) {
  AccountShape shape{record.id,           record.name,  root_arn(record.id),
                     record.canonical_id, record.email, {}};
  if (record.max_bytes) shape.max_bytes = static_cast<std::int64_t>(*record.max_bytes);
  return shape;
}

struct CreateAccount {
  static constexpr std::string_view name = "CreateAccount";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    AccountName account_name;
    std::optional<EmailAddress> email;
    static constexpr auto shape = aws::fields(aws::required<&Input::account_name>("Name"),
                                              aws::optional<&Input::email>("Email"));
  };
  using Output = AccountShape;
  static aws::Needs needs(const Iam&, const aws::Call&, const Input&) {
    return needs_on("larder:CreateAccount", "*");
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call&, Input in) {
    auto made = co_await iam.create_account(in.account_name.str(), aws::or_default(in.email).str());
    if (!made) co_return fail(std::move(made).error());
    co_return to_shape(*made);
  }
};

struct ListAccounts {
  static constexpr std::string_view name = "ListAccounts";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Input = aws::Nothing;
  struct Output {
    std::vector<AccountShape> accounts;
    static constexpr auto shape = aws::fields(aws::required<&Output::accounts>("Accounts"));
  };
  static aws::Needs needs(const Iam&, const aws::Call&, const Input&) {
    return needs_on("larder:ListAccounts", "*");
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call&, Input) {
    Output out;
    for (const auto& record : iam.accounts().list()) out.accounts.push_back(to_shape(record));
    co_return out;
  }
};

/// How many bytes the caller's account may hold; without MaxBytes any number.
struct SetAccountQuota {
  static constexpr std::string_view name = "SetAccountQuota";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    std::optional<std::int64_t> max_bytes;
    static constexpr auto shape = aws::fields(aws::optional<&Input::max_bytes>("MaxBytes"));
  };
  using Output = AccountShape;
  static aws::Needs needs(const Iam&, const aws::Call& call, const Input&) {
    return needs_on("larder:SetAccountQuota", root_arn(call.caller.account()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    if (in.max_bytes && *in.max_bytes < 0)
      co_return fail(aws::codes::validation_error, "MaxBytes is a number of bytes, from 0 on.");
    std::optional<std::uint64_t> max_bytes;
    if (in.max_bytes) max_bytes = static_cast<std::uint64_t>(*in.max_bytes);
    CO_TRY(const auto account, co_await iam.set_max_bytes(call.caller.account(), max_bytes));
    co_return to_shape(account);
  }
};

/// For what cannot do with temporary credentials: a long-term key of the account's root.
struct CreateRootKey {
  static constexpr std::string_view name = "CreateRootKey";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = aws::Nothing;
  struct Output {
    std::string id, secret;
    static constexpr auto shape = aws::fields(aws::required<&Output::id>("AccessKeyId"),
                                              aws::required<&Output::secret>("SecretAccessKey"));
  };
  static aws::Needs needs(const Iam&, const aws::Call& call, const Input&) {
    return needs_on("larder:CreateRootKey", root_arn(call.caller.account()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input) {
    const std::string account = call.caller.account();
    const NewAccessKey made = make_access_key(iam, account, call.now);
    co_return co_await iam.update<Output>(
        account, [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY_VOID(add_access_key(model, made.key, changes));
          return Output{made.key.id, std::string(made.secret.reveal())};
        });
  }
};

}  // namespace

std::span<const aws::Operation> account_operations() {
  static constexpr auto all =
      aws::operations<CreateAccount, ListAccounts, SetAccountQuota, CreateRootKey>();
  return all;
}

}  // namespace larder::iam
