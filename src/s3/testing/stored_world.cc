#include "s3/testing/stored_world.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/checksums.h"
#include "codec/digest.h"
#include "s3/index.h"
#include "s3/testing/usage_check.h"
#include "storage/testing/run.h"

namespace larder::s3::test {

using storage::test::run;

StoredWorld::StoredWorld()
    : data_(storage::open_data_directory("/data", files_, pool_, random_).value()),
      world_(std::make_unique<World>(data_->kv(), data_->blobs())) {}

void StoredWorld::fill() {
  ASSERT_EQ(world_->send("PUT", "/photos").status, 200);
  ASSERT_EQ(world_->send("PUT", "/photos/small", "a few bytes").status, 200);
  const auto large = random_.bytes(600'000);
  const auto crc = make_checksum(ChecksumAlgorithm::crc32);
  crc->update(large);
  const http::Headers headers{{"x-amz-checksum-crc32", base64_encode(crc->finish())}};
  ASSERT_EQ(world_->send("PUT", "/photos/large", large, headers).status, 200);
  upload("album", {random_.bytes(5 << 20), random_.bytes(100)}, true);
  upload("unfinished", {random_.bytes(10'000)}, false);
}

std::string StoredWorld::upload(const std::string& key, const std::vector<std::string>& parts,
                                bool complete) {
  const http::Headers composite{{"x-amz-checksum-algorithm", "SHA256"}};
  const auto target = "/photos/" + key;
  const auto id = world_->send("POST", target + "?uploads", "", composite).element("UploadId");
  EXPECT_FALSE(id.empty());
  std::string list = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = std::to_string(i + 1);
    const auto sum = base64_encode(sha256(parts[i]));
    const http::Headers headers{{"x-amz-checksum-sha256", sum}};
    const auto part = world_->send("PUT", target + "?partNumber=" + number + "&uploadId=" + id,
                                   parts[i], headers);
    EXPECT_EQ(part.status, 200) << part.body;
    list += "<Part><PartNumber>" + number + "</PartNumber><ETag>" + part.header("ETag") +
            "</ETag><ChecksumSHA256>" + sum + "</ChecksumSHA256></Part>";
  }
  list += "</CompleteMultipartUpload>";
  if (complete) EXPECT_EQ(world_->send("POST", target + "?uploadId=" + id, list).status, 200);
  return id;
}

std::string StoredWorld::index_partition() {
  const auto fact = run(world_->s3.buckets().find("photos")).value();
  return "index/" + fact->record.id + "/0";
}

ObjectRecord StoredWorld::record(const std::string& key) {
  const auto stored = run(data_->kv().get(index_partition(), object_key(key))).value();
  return decode_object(stored.value()).value();
}

void StoredWorld::set_record(const std::string& key, std::string value) {
  set_entry(object_key(key), std::move(value));
}

void StoredWorld::set_entry(std::string key, std::optional<std::string> value) {
  std::vector<storage::Write> writes;
  writes.push_back({std::move(key), std::move(value)});
  ASSERT_TRUE(run(data_->kv().commit(index_partition(), {}, std::move(writes))));
  const auto fact = run(world_->s3.buckets().find("photos")).value();
  Unhurried pace;
  const auto counted = run(count_use(data_->kv(), fact->record.id, pace)).value();
  if (!counted.whole) return;
  Index index(data_->kv(), fact->record.id);
  ASSERT_TRUE(run(store_use(index, run(read_use(index)).value(), counted.use)));
}

std::string StoredWorld::path_of(const storage::BlobId& blob) {
  const auto text = blob.str();
  return "/data/blobs/" + text.substr(0, 2) + "/" + text.substr(2, 2) + "/" + text;
}

std::string StoredWorld::file(const storage::BlobId& blob) {
  return storage::read_small_file(files_, path_of(blob), 100'000'000).value();
}

void StoredWorld::set_file(const storage::BlobId& blob, std::string_view bytes) {
  const auto file = files_.create(path_of(blob), 0600).value();
  ASSERT_TRUE(file->append(bytes));
}

void StoredWorld::flip(const storage::BlobId& blob, std::uint64_t bit) {
  auto bytes = file(blob);
  bytes.at(bit / 8) = static_cast<char>(bytes.at(bit / 8) ^ 1 << bit % 8);
  set_file(blob, bytes);
}

}  // namespace larder::s3::test
