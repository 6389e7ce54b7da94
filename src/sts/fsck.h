// Checks the keys of session tokens. Changes nothing.
#pragma once

#include "base/async/task.h"
#include "base/result.h"
#include "storage/finding.h"
#include "storage/inspectable_kv.h"
#include "storage/sealed.h"

namespace larder::sts {

/// Partition `sessions`. Damage is reported; errors are the store's.
Task<Result<void>> check_token_keys(storage::Kv& kv, const storage::Sealer& sealer,
                                    storage::FindingSink report);

}  // namespace larder::sts
