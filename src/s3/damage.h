// What a client and the operator are told of an object whose stored bytes are damaged.
#pragma once

#include <memory>
#include <string>

#include "base/async/stream.h"
#include "base/result.h"

namespace larder::s3 {

/// Damage (DataCorrupted, StorageFailure) becomes AWS's InternalError with a message that says so,
/// and a line in the log that names the object. Other errors stay as they are.
Error object_error(const std::string& bucket, const std::string& key, Error error);

/// `source`, whose errors are told as above: after the answer has begun the client sees the
/// connection end early, and the log says why.
std::unique_ptr<ByteSource> report_damage(std::unique_ptr<ByteSource> source, std::string bucket,
                                          std::string key);

}  // namespace larder::s3
