#include "ec2/operations/instance_shape.h"

namespace larder::ec2 {

InstanceShape to_shape(const Ec2& ec2, const Instance& instance) {
  InstanceShape out{instance.id,       instance.image_id,
                    instance.type,     to_shape(instance.state),
                    instance.launched, instance.launch_index};
  if (!instance.client_token.empty()) out.client_token = instance.client_token;
  out.placement.zone = ec2.zone();
  const auto& options = instance.metadata;
  out.metadata = {"applied",    options.http_tokens, options.hop_limit, options.http_endpoint,
                  options.ipv6, options.tags};
  if (instance.association)
    out.profile = ProfileShape{instance.association->profile_arn, instance.association->profile_id};
  if (!instance.tags.empty()) {
    out.tags.emplace();
    for (const auto& [key, value] : instance.tags) out.tags->push_back({key, value});
  }
  return out;
}

}  // namespace larder::ec2
