#include "server/catalog.h"

#include <boost/json.hpp>

#include "ec2/ec2.h"
#include "iam/iam.h"
#include "s3/s3.h"
#include "server/explain_decision.h"
#include "server/local_server.h"
#include "sts/sts.h"

namespace larder::server {
namespace {

using aws::FormService;

boost::json::array list(std::span<const aws::Field> fields, bool input) {
  boost::json::array out;
  for (const auto& field : fields) {
    // A payload without a name of its own is the operation's structure itself.
    if (field.name.empty()) {
      for (auto& member : list(field.type().fields(), input)) out.push_back(member);
      continue;
    }
    boost::json::object entry{{"name", field.name}};
    if (input) entry["required"] = field.required;
    out.push_back(std::move(entry));
  }
  return out;
}

boost::json::object describe(std::string_view service, const aws::Operation& operation) {
  return {{"service", service},
          {"name", operation.name},
          {"input", list(operation.input, true)},
          {"output", list(operation.output, false)}};
}

}  // namespace

std::vector<FormService> form_services(const Services& services) {
  FormService iam{
      .name = "iam", .version = "2010-05-08", .xmlns = "https://iam.amazonaws.com/doc/2010-05-08/"};
  for (const auto operations :
       {iam::role_operations(), iam::role_policy_operations(), iam::managed_policy_operations(),
        iam::instance_profile_operations(), iam::user_operations(), iam::user_policy_operations(),
        iam::access_key_operations()})
    iam.add(operations, services.iam);

  FormService sts{
      .name = "sts", .version = "2011-06-15", .xmlns = "https://sts.amazonaws.com/doc/2011-06-15/"};
  sts.add(sts::sts_operations(), services.sts);

  FormService ec2{.name = "ec2",
                  .version = "2016-11-15",
                  .xmlns = "http://ec2.amazonaws.com/doc/2016-11-15/",
                  .wire = FormService::Wire::ec2};
  ec2.add(ec2::instance_operations(), services.ec2);
  ec2.add(ec2::association_operations(), services.ec2);

  FormService local{.name = "larder",
                    .version = std::string(local_api_version),
                    .wire = FormService::Wire::json,
                    .local_only = true};
  local.add(server_operations(), services.local);
  local.add(explanation_operations(), services.explainer);
  local.add(iam::account_operations(), services.iam);
  local.add(s3::usage_operations(), services.s3);
  local.add(sts::credential_operations(), services.sts);
  local.add(ec2::metadata_operations(), services.ec2);
  local.add(ec2::local_instance_operations(), services.ec2);
  return {std::move(iam), std::move(sts), std::move(ec2), std::move(local)};
}

aws::S3Service s3_service(const Services& services) {
  return {services.s3, services.buckets, aws::make_s3_routes(s3::s3_operations())};
}

std::string list_operations() {
  boost::json::array all;
  for (const auto& operation : s3_service({}).operations)
    all.push_back(describe("s3", operation.operation));
  for (const auto& service : form_services({}))
    if (!service.local_only)
      for (const auto& bound : service.operations)
        all.push_back(describe(service.name, bound.operation));
  return boost::json::serialize(all);
}

}  // namespace larder::server
