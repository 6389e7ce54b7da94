// The forms of the Query protocol (IAM, STS) and of EC2's: `Tags.member.1.Key=a`,
// `Filter.1.Name=b`.
#pragma once

#include <map>
#include <span>
#include <string>

#include "aws/shape.h"
#include "codec/uri.h"

namespace larder::aws {

/// Parameters by name; of a repeated one the first counts.
using Form = std::map<std::string, std::string, std::less<>>;
Form make_form(Parameters parameters);

struct FormStyle {
  bool member;  // lists as Name.member.N, not Name.N
  bool ec2;     // errors in EC2's words
};

/// Fills `object` from the form. Unknown parameters are ignored, as AWS does. Every broken
/// constraint is reported, in one ValidationError ("2 validation errors detected: …"); EC2 reports
/// the first, as MissingParameter or InvalidParameterValue.
Result<void> decode_form(const Form& form, std::span<const Field> fields, void* object,
                         FormStyle style);

namespace codes {
inline constexpr ErrorCode missing_parameter{"MissingParameter", 400};
inline constexpr ErrorCode invalid_parameter_value{"InvalidParameterValue", 400};
}  // namespace codes

}  // namespace larder::aws
