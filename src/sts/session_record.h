// A session as it stands inside a token: JSON, compressed.
#pragma once

#include <string>
#include <string_view>

#include "aws/session.h"
#include "base/result.h"

namespace larder::sts {

std::string pack(const aws::Session& session);
/// An error for anything that pack() did not make.
Result<aws::Session> unpack(std::string_view packed);

}  // namespace larder::sts
