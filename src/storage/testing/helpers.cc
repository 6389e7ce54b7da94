#include "storage/testing/helpers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "storage/testing/run.h"

namespace larder::storage::test {
namespace {

/// Adds one, `times` times, trying again when another was faster.
Task<int> count(Kv& kv, int times) {
  int collisions = 0;
  for (int done = 0; done < times;) {
    const auto seen = (co_await kv.get("counters", "n")).value();
    Guard guard{"n", seen};
    Write write{"n", std::to_string((seen ? std::stoi(*seen) : 0) + 1)};
    std::vector<Guard> guards{std::move(guard)};
    std::vector<Write> writes{std::move(write)};
    const auto outcome =
        (co_await kv.commit("counters", std::move(guards), std::move(writes))).value();
    if (outcome == CommitOutcome::committed) {
      ++done;
    } else {
      EXPECT_EQ(outcome, CommitOutcome::guard_failed);
      ++collisions;
    }
  }
  co_return collisions;
}

/// Two numbers in opposite directions, and a guard on something else.
Task<void> add(Kv& kv, int times) {
  for (int done = 0; done < times; ++done) {
    std::vector<Guard> guards{{"closed", std::nullopt}};
    std::vector<Write> writes{{"up", std::nullopt, 3}, {"down", std::nullopt, -1}};
    const auto outcome =
        (co_await kv.commit("numbers", std::move(guards), std::move(writes))).value();
    EXPECT_EQ(outcome, CommitOutcome::committed);
  }
}

}  // namespace

void add_concurrently(Kv& kv, int threads, int times) {
  {
    std::vector<std::jthread> cores;
    for (int i = 0; i < threads; ++i) cores.emplace_back([&] { run(add(kv, times)); });
  }
  EXPECT_EQ(number_of(run(kv.get("numbers", "up")).value()), 3 * threads * times);
  EXPECT_EQ(number_of(run(kv.get("numbers", "down")).value()), -threads * times);
}

void count_concurrently(Kv& kv, int threads, int times) {
  {
    std::vector<std::jthread> cores;
    for (int i = 0; i < threads; ++i) cores.emplace_back([&] { run(count(kv, times)); });
  }
  EXPECT_EQ(run(kv.get("counters", "n")).value(), std::to_string(threads * times));
}

namespace {

Task<Result<void>> store_task(Blobs& blobs, const BlobId& id, std::string_view content,
                              std::size_t chunk) {
  CO_TRY(auto writer, co_await blobs.create(id));
  while (!content.empty()) {
    const std::string part(content.substr(0, chunk));
    CO_TRY_VOID(co_await writer->write(part));
    content.remove_prefix(part.size());
  }
  co_return co_await writer->seal();
}

Task<Result<std::string>> drain_task(ByteSource& source) {
  std::string content;
  std::string buffer(10'000, '\0');
  for (;;) {
    CO_TRY(const auto count, co_await source.read(buffer));
    if (count == 0) co_return content;
    content.append(buffer, 0, count);
  }
}

Task<Result<std::optional<std::string>>> fetch_task(Blobs& blobs, const BlobId& id,
                                                    ByteRange range) {
  CO_TRY(auto source, co_await blobs.read(id, range));
  if (!source) co_return std::nullopt;
  CO_TRY(auto content, co_await drain_task(**source));
  EXPECT_EQ((*source)->length(), content.size());
  co_return content;
}

}  // namespace

Result<void> store(Blobs& blobs, const BlobId& id, std::string_view content, std::size_t chunk) {
  return run(store_task(blobs, id, content, chunk));
}
Result<std::optional<std::string>> fetch(Blobs& blobs, const BlobId& id, ByteRange range) {
  return run(fetch_task(blobs, id, range));
}
std::vector<std::string> files_below(FileSystem& files, const std::string& path) {
  std::vector<std::string> all;
  for (const auto& name : files.children(path).value()) {
    auto child = path + "/" + name;
    if (!files.info(child).value()->is_directory) {
      all.push_back(std::move(child));
      continue;
    }
    for (auto& file : files_below(files, child)) all.push_back(std::move(file));
  }
  std::ranges::sort(all);
  return all;
}

void copy_directory(FileSystem& from, FileSystem& to, const std::string& path) {
  ASSERT_TRUE(to.create_directory(path));
  for (const auto& name : from.children(path).value()) {
    const auto child = path + "/" + name;
    const auto info = from.info(child).value();
    if (info->is_directory) {
      copy_directory(from, to, child);
      continue;
    }
    const auto bytes = read_small_file(from, child, info->size).value();
    ASSERT_TRUE(to.create(child, info->mode).value()->append(bytes));
  }
}

Result<std::string> drain(ByteSource& source) { return run(drain_task(source)); }

}  // namespace larder::storage::test
