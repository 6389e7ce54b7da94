#include "s3/testing/faulty_store.h"

#include "storage/errors.h"

namespace larder::s3::test {
namespace {

std::unexpected<Error> broken() {
  return fail(larder::codes::storage_failure, "broken on purpose");
}

class FaultyWriter final : public storage::BlobWriter {
 public:
  FaultyWriter(std::unique_ptr<storage::BlobWriter> below, Faults& faults)
      : below_(std::move(below)), faults_(faults) {}
  Task<Result<void>> write(std::span<const char> chunk) override {
    if (faults_.next()) co_return broken();
    co_return co_await below_->write(chunk);
  }
  Task<Result<void>> seal() override {
    const auto fault = faults_.next();
    if (fault == Fault::unknown_happened) {
      [[maybe_unused]] auto sealed = co_await below_->seal();
      co_return broken();
    }
    if (fault) co_return broken();
    co_return co_await below_->seal();
  }

 private:
  std::unique_ptr<storage::BlobWriter> below_;
  Faults& faults_;
};

}  // namespace

Task<Result<std::optional<std::string>>> FaultyKv::get(storage::Partition partition,
                                                       std::string key) {
  if (faults_.next()) co_return broken();
  co_return co_await below_.get(std::move(partition), std::move(key));
}

Task<Result<storage::ScanPage>> FaultyKv::scan(storage::Partition partition,
                                               storage::KeyRange range, std::size_t limit) {
  if (faults_.next()) co_return broken();
  co_return co_await below_.scan(std::move(partition), std::move(range), limit);
}

Task<Result<storage::CommitOutcome>> FaultyKv::commit(storage::Partition partition,
                                                      std::vector<storage::Guard> guards,
                                                      std::vector<storage::Write> writes) {
  const auto fault = faults_.next();
  if (fault == Fault::unknown_not_happened) co_return storage::CommitOutcome::unknown;
  if (fault == Fault::unknown_happened) {
    auto made = co_await below_.commit(std::move(partition), std::move(guards), std::move(writes));
    if (made == storage::CommitOutcome::committed) made = storage::CommitOutcome::unknown;
    co_return made;
  }
  if (fault) co_return broken();
  co_return co_await below_.commit(std::move(partition), std::move(guards), std::move(writes));
}

Task<Result<std::unique_ptr<storage::BlobWriter>>> FaultyBlobs::create(storage::BlobId id) {
  if (faults_.next()) co_return broken();
  CO_TRY(auto writer, co_await below_.create(id));
  co_return std::make_unique<FaultyWriter>(std::move(writer), faults_);
}

Task<Result<std::optional<std::unique_ptr<ByteSource>>>> FaultyBlobs::read(
    storage::BlobId id, storage::ByteRange range) {
  if (faults_.next()) co_return broken();
  co_return co_await below_.read(id, range);
}

Task<Result<void>> FaultyBlobs::remove(storage::BlobId id) {
  if (faults_.next()) co_return broken();
  co_return co_await below_.remove(id);
}

Task<Result<std::vector<storage::BlobId>>> FaultyBlobs::list(std::optional<storage::BlobId> after,
                                                             std::size_t limit) {
  if (faults_.next()) co_return broken();
  co_return co_await below_.list(std::move(after), limit);
}

}  // namespace larder::s3::test
