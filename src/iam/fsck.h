// Checks the records of accounts and of what they own, and what these say of one another. Changes
// nothing.
#pragma once

#include <set>
#include <string>

#include "base/async/task.h"
#include "base/result.h"
#include "storage/finding.h"
#include "storage/inspectable_kv.h"
#include "storage/sealed.h"

namespace larder::iam {

/// Partition `accounts`: every account's record, and its names both ways. The ids of those there
/// are. Damage is reported; errors are the store's.
Task<Result<std::set<std::string>>> check_accounts(storage::Kv& kv, storage::FindingSink report);

/// Partition `iam/<account>`. In memory at once, as a server has it.
Task<Result<void>> check_account(storage::Kv& kv, const storage::Sealer& sealer,
                                 std::string account, storage::FindingSink report);

}  // namespace larder::iam
