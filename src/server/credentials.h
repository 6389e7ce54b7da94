// The CredentialDirectory: IAM's access keys and STS's session tokens, joined.
#pragma once

#include "aws/caller.h"
#include "iam/iam.h"
#include "sts/session_tokens.h"

namespace larder::server {

class Credentials final : public aws::CredentialDirectory {
 public:
  Credentials(const iam::Iam& iam, const sts::SessionTokens& tokens) : iam_(iam), tokens_(tokens) {}

  std::expected<aws::Credential, aws::BadCredential> find(
      const std::string& access_key_id, const std::optional<std::string>& session_token,
      Time now) const override;
  std::optional<aws::Caller> local_operator(const std::string& account, uid_t uid,
                                            Time now) const override;

 private:
  std::expected<aws::Credential, aws::BadCredential> find_session(const std::string& access_key_id,
                                                                  const std::string& token,
                                                                  Time now) const;
  std::expected<aws::Credential, aws::BadCredential> find_access_key(
      const std::string& access_key_id) const;
  void complete(aws::Caller& caller) const;

  const iam::Iam& iam_;
  const sts::SessionTokens& tokens_;
};

}  // namespace larder::server
