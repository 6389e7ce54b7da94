// An instance as EC2's answers show it.
#pragma once

#include "ec2/operations/types.h"

namespace larder::ec2 {

struct MetadataShape {
  std::string state = "applied", tokens;
  std::int64_t hop_limit = 1;
  std::string endpoint, ipv6, tags;
  static constexpr auto shape = aws::fields(
      aws::optional<&MetadataShape::state>("State").as("state"),
      aws::optional<&MetadataShape::tokens>("HttpTokens").as("httpTokens"),
      aws::optional<&MetadataShape::hop_limit>("HttpPutResponseHopLimit")
          .as("httpPutResponseHopLimit"),
      aws::optional<&MetadataShape::endpoint>("HttpEndpoint").as("httpEndpoint"),
      aws::optional<&MetadataShape::ipv6>("HttpProtocolIpv6").as("httpProtocolIpv6"),
      aws::optional<&MetadataShape::tags>("InstanceMetadataTags").as("instanceMetadataTags"));
};

struct PlacementShape {
  std::string zone, tenancy = "default";
  static constexpr auto shape =
      aws::fields(aws::optional<&PlacementShape::zone>("AvailabilityZone").as("availabilityZone"),
                  aws::optional<&PlacementShape::tenancy>("Tenancy").as("tenancy"));
};

struct InstanceShape {
  std::string id, image_id, type;
  StateShape state;
  Time launched{};
  std::int64_t launch_index = 0;
  std::optional<std::string> client_token;
  PlacementShape placement;
  MetadataShape metadata;
  std::optional<ProfileShape> profile;
  std::optional<std::vector<TagShape>> tags;
  static constexpr auto shape = aws::fields(
      aws::optional<&InstanceShape::id>("InstanceId").as("instanceId"),
      aws::optional<&InstanceShape::image_id>("ImageId").as("imageId"),
      aws::optional<&InstanceShape::state>("State").as("instanceState"),
      aws::optional<&InstanceShape::launch_index>("AmiLaunchIndex").as("amiLaunchIndex"),
      aws::optional<&InstanceShape::type>("InstanceType").as("instanceType"),
      aws::optional<&InstanceShape::launched>("LaunchTime").as("launchTime"),
      aws::optional<&InstanceShape::placement>("Placement").as("placement"),
      aws::optional<&InstanceShape::client_token>("ClientToken").as("clientToken"),
      aws::optional<&InstanceShape::tags>("Tags").as("tagSet"),
      aws::optional<&InstanceShape::profile>("IamInstanceProfile").as("iamInstanceProfile"),
      aws::optional<&InstanceShape::metadata>("MetadataOptions").as("metadataOptions"));
};
InstanceShape to_shape(const Ec2& ec2, const Instance& instance);

struct ReservationShape {
  std::string id, owner;
  std::vector<InstanceShape> instances;
  static constexpr auto shape =
      aws::fields(aws::optional<&ReservationShape::id>("ReservationId").as("reservationId"),
                  aws::optional<&ReservationShape::owner>("OwnerId").as("ownerId"),
                  aws::optional<&ReservationShape::instances>("Instances").as("instancesSet"));
};

}  // namespace larder::ec2
