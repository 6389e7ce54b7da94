// Every operation of every service, in one list: the pipeline serves from it, and `larder
// operations` prints it.
#pragma once

#include <string>
#include <vector>

#include "aws/pipeline.h"

namespace larder::iam {
class Iam;
}
namespace larder::sts {
class Sts;
}
namespace larder::ec2 {
class Ec2;
}
namespace larder::s3 {
class S3;
}

namespace larder::server {

class DecisionExplainer;
class LocalServer;

/// What the operations work on. All null: for printing the list.
struct Services {
  iam::Iam* iam = nullptr;
  sts::Sts* sts = nullptr;
  ec2::Ec2* ec2 = nullptr;
  s3::S3* s3 = nullptr;
  aws::FactSource* buckets = nullptr;
  LocalServer* local = nullptr;
  DecisionExplainer* explainer = nullptr;
};

std::vector<aws::FormService> form_services(const Services& services);
aws::S3Service s3_service(const Services& services);

/// JSON: [{"service", "name", "input": [{"name", "required"}], "output": [{"name"}]}].
std::string list_operations();

/// The version by which requests of Larder's own service are told from AWS's.
inline constexpr std::string_view local_api_version = "2026-11-01";

}  // namespace larder::server
