#include "s3/damage.h"

#include <utility>

#include "base/log.h"
#include "storage/errors.h"
#include "storage/finding.h"

namespace larder::s3 {
namespace {

class ReportingSource final : public ByteSource {
 public:
  ReportingSource(std::unique_ptr<ByteSource> below, std::string bucket, std::string key)
      : below_(std::move(below)), bucket_(std::move(bucket)), key_(std::move(key)) {}

  Task<Result<std::size_t>> read(std::span<char> into) override {
    auto count = co_await below_->read(into);
    if (!count) co_return fail(object_error(bucket_, key_, std::move(count).error()));
    co_return count;
  }
  std::optional<std::uint64_t> length() const override { return below_->length(); }

 private:
  const std::unique_ptr<ByteSource> below_;
  const std::string bucket_;
  const std::string key_;
};

}  // namespace

Error object_error(const std::string& bucket, const std::string& key, Error error) {
  if (error.code != codes::corrupt && error.code != codes::storage_failure) return error;
  const storage::Finding finding{.what = std::move(error.message), .bucket = bucket, .key = key};
  log::error("stored data is damaged: {}", storage::describe(finding));
  return {codes::internal_error,
          "The stored data of this object is damaged or cannot be read. The server's log says "
          "more."};
}

std::unique_ptr<ByteSource> report_damage(std::unique_ptr<ByteSource> source, std::string bucket,
                                          std::string key) {
  return std::make_unique<ReportingSource>(std::move(source), std::move(bucket), std::move(key));
}

}  // namespace larder::s3
