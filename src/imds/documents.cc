#include "imds/documents.h"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <string_view>

#include "codec/iso8601.h"

namespace larder::imds {
namespace {

// One member a line, as EC2 writes them: there are scripts that read them with grep and cut.
class JsonLines {
 public:
  JsonLines& text(std::string_view name, std::string_view value) {
    return raw(name, boost::json::serialize(boost::json::string(value.data(), value.size())));
  }
  /// null where the text is empty.
  JsonLines& text_or_null(std::string_view name, std::string_view value) {
    return value.empty() ? null(name) : text(name, value);
  }
  JsonLines& null(std::string_view name) { return raw(name, "null"); }
  std::string finish() { return out_ + "\n}"; }

 private:
  JsonLines& raw(std::string_view name, std::string_view json) {
    out_.append(out_.size() == 1 ? "\n  \"" : ",\n  \"").append(name);
    out_.append("\" : ").append(json);
    return *this;
  }
  std::string out_ = "{";
};

}  // namespace

std::string identity_document(const InstanceView& view) {
  return JsonLines()
      .text("accountId", view.account)
      .text_or_null("architecture", view.architecture)
      .text("availabilityZone", view.zone)
      .null("billingProducts")
      .null("devpayProductCodes")
      .null("marketplaceProductCodes")
      .text_or_null("imageId", view.image_id)
      .text("instanceId", view.instance_id)
      .text_or_null("instanceType", view.instance_type)
      .null("kernelId")
      .text("pendingTime", format_iso8601(view.launched))
      .text_or_null("privateIp", view.local_ipv4)
      .null("ramdiskId")
      .text("region", view.region)
      .text("version", "2017-09-30")
      .finish();
}

std::string iam_info(const Profile& profile) {
  const std::string updated = format_iso8601(profile.updated);
  JsonLines json;
  if (profile.state == Profile::State::not_found) {
    return json.text("Code", "InstanceProfileNotFound")
        .text("Message", "Instance Profile with ID " + profile.id +
                             " cannot be found. It was deleted, or "
                             "deleted and made again: replace the association.")
        .text("LastUpdated", updated)
        .finish();
  }
  json.text("Code", "Success");
  if (profile.state == Profile::State::empty) {
    json.text("Message",
              "Instance Profile does not contain a role. Add one with AddRoleToInstanceProfile.");
  }
  return json.text("LastUpdated", updated)
      .text("InstanceProfileArn", profile.arn)
      .text("InstanceProfileId", profile.id)
      .finish();
}

std::string role_document(const RoleCredentials& credentials, bool extended) {
  const std::string updated = format_iso8601(credentials.last_updated);
  JsonLines json;
  json.text("Code", credentials.code);
  if (credentials.code != "Success") {
    return json.text("Message", credentials.message).text("LastUpdated", updated).finish();
  }
  json.text("LastUpdated", updated)
      .text("Type", "AWS-HMAC")
      .text("AccessKeyId", credentials.access_key_id)
      .text("SecretAccessKey", credentials.secret_access_key.reveal())
      .text("Token", credentials.token)
      .text("Expiration", format_iso8601(credentials.expiration));
  if (extended) json.text("AccountId", credentials.account);
  return json.finish();
}

}  // namespace larder::imds
