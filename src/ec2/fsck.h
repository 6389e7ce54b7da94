// Checks the records of an account's instances. Changes nothing.
#pragma once

#include <string>

#include "base/async/task.h"
#include "base/result.h"
#include "storage/finding.h"
#include "storage/inspectable_kv.h"

namespace larder::ec2 {

/// Partition `instances/<account>`. Damage is reported; errors are the store's.
Task<Result<void>> check_instances(storage::Kv& kv, std::string account,
                                   storage::FindingSink report);

}  // namespace larder::ec2
