#include "ec2/fsck.h"

#include <vector>

#include "ec2/model.h"

namespace larder::ec2 {

Task<Result<void>> check_instances(storage::Kv& kv, std::string account,
                                   storage::FindingSink report) {
  const std::string partition = "instances/" + account;
  storage::EntryWalk walk(kv, partition, storage::KeyRange());
  for (;;) {
    CO_TRY(auto entry, co_await walk.next());
    if (!entry) co_return Result<void>();
    const std::string key = entry->key;
    std::vector<storage::Entry> alone{*std::move(entry)};
    const auto model = Instances::from(account, alone);
    if (!model)
      report({.what = model.error().message, .partition = partition, .record = key});
    else if (model->all().size() == 1 && !key.ends_with("/" + model->all().begin()->first))
      report({.what = "the record is another instance's", .partition = partition, .record = key});
  }
}

}  // namespace larder::ec2
