#include "storage/blob_writer.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <utility>

#include "base/check.h"
#include "storage/blob_format.h"

namespace larder::storage {
namespace {

using blob_format::block_header_size;
using blob_format::block_payload;

constexpr std::size_t chunk_blocks = 2;  // a writer holds two chunks: one fills, one is written
constexpr std::size_t block_size = block_header_size + block_payload;

/// The file; used by one pool thread at a time, then destroyed anywhere. Unless sealed it is
/// discarded.
class File {
 public:
  File(std::shared_ptr<BlobDirectory> directory, BlobId id)
      : directory_(std::move(directory)), id_(id) {}
  ~File() {
    if (!file_ || sealed_) return;
    file_.reset();
    directory_->discard(id_);
  }

  /// Blocks. `chunk` holds whole blocks (the blob's last may be shorter), with room for their
  /// headers.
  Result<void> append(std::string& chunk) {
    TRY_VOID(directory_->admit(chunk.size()));
    if (!file_) {
      TRY(file_, directory_->files().create(directory_->temporary_path_of(id_), 0600));
      TRY_VOID(file_->append(blob_format::file_header(id_)));
    }
    for (std::size_t at = 0; at < chunk.size(); at += block_size) {
      const auto payload = std::string_view(chunk).substr(at + block_header_size, block_payload);
      blob_format::put_block_header(chunk.data() + at, id_, summary_.blocks, payload);
      summary_.length += payload.size();
      ++summary_.blocks;
    }
    return file_->append(chunk);
  }

  /// Blocks. The last chunk, which may be empty, then everything that makes it durable.
  Result<void> seal(std::string& chunk) {
    TRY_VOID(append(chunk));
    TRY_VOID(file_->append(blob_format::footer(id_, summary_)));
    TRY_VOID(file_->sync());
    TRY_VOID(directory_->publish(id_));
    sealed_ = true;
    return {};
  }

 private:
  const std::shared_ptr<BlobDirectory> directory_;
  const BlobId id_;
  std::unique_ptr<WritableFile> file_;
  blob_format::Summary summary_{.length = 0, .blocks = 0};
  bool sealed_ = false;
};

/// Outlives the writer while a chunk is on its way. The writer's core only, but for what a pool
/// thread was handed.
struct State {
  State(std::shared_ptr<BlobDirectory> directory, BlobId id) : file(std::move(directory), id) {}

  File file;
  std::string writing;  // the chunk that the pool has
  bool busy = false;
  Result<void> status{};
  std::function<void()> when_idle;
};

Task<void> write_chunk(std::shared_ptr<State> state, BlockingPool& pool) {
  auto call = [state] { return state->file.append(state->writing); };
  state->status = co_await pool.run(std::move(call));
  state->busy = false;
  if (state->when_idle) std::exchange(state->when_idle, nullptr)();
}

class FileWriter final : public BlobWriter {
 public:
  FileWriter(std::shared_ptr<BlobDirectory> directory, BlockingPool& pool, BlobId id)
      : pool_(pool), state_(std::make_shared<State>(std::move(directory), id)) {}

  Task<Result<void>> write(std::span<const char> chunk) override {
    CHECK(!finished_);
    while (!chunk.empty()) {
      if (!state_->status) co_return state_->status;
      if (filling_.size() == chunk_blocks * block_size) CO_TRY_VOID(co_await hand_over());
      if (filling_.size() % block_size == 0) filling_.append(block_header_size, '\0');
      const auto room = block_size - filling_.size() % block_size;
      const auto count = std::min(room, chunk.size());
      filling_.append(chunk.data(), count);
      chunk = chunk.subspan(count);
    }
    co_return state_->status;
  }

  Task<Result<void>> seal() override {
    CHECK(!finished_);
    finished_ = true;
    co_await idle();
    if (!state_->status) co_return state_->status;
    auto call = [state = state_, last = std::move(filling_)]() mutable {
      return state->file.seal(last);
    };
    co_return co_await pool_.run(std::move(call));
  }

 private:
  /// Gives what has been filled to the pool, once the pool is done with what it has.
  Task<Result<void>> hand_over() {
    co_await idle();
    if (!state_->status) co_return state_->status;
    std::swap(state_->writing, filling_);
    filling_.clear();
    state_->busy = true;
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::co_spawn(executor, write_chunk(state_, pool_), boost::asio::detached);
    co_return state_->status;
  }

  Task<void> idle() {
    if (!state_->busy) co_return;
    const auto executor = co_await boost::asio::this_coro::executor;
    auto initiate = [&](auto handler) {
      // The handler is move-only; std::function copies.
      auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      state_->when_idle = [shared, executor] {
        boost::asio::post(executor, [shared] { std::move (*shared)(); });
      };
    };
    co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void()>(
        initiate, boost::asio::use_awaitable);
  }

  BlockingPool& pool_;
  const std::shared_ptr<State> state_;
  std::string
      filling_;  // whole blocks, then perhaps one that is not full; each with room for its header
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<BlobWriter> make_blob_writer(std::shared_ptr<BlobDirectory> directory,
                                             BlockingPool& pool, BlobId id) {
  return std::make_unique<FileWriter>(std::move(directory), pool, id);
}

}  // namespace larder::storage
