#include "storage/master_key.h"

#include <fmt/format.h>

#include <optional>

#include "base/check.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "storage/errors.h"

namespace larder::storage {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::string_view first_line = "larder master key 1\n";
constexpr std::size_t file_size_max = 256;

}  // namespace

MasterKey::MasterKey(Secret bytes) : bytes_(std::move(bytes)) {
  CHECK(bytes_.reveal().size() == key_size);
}

std::string MasterKey::fingerprint() const {
  const Secret input("larder master key fingerprint\n" + std::string(bytes_.reveal()));
  return hex_encode(sha256(input.reveal())).substr(0, 16);
}

Result<MasterKey> create_master_key(FileSystem& files, const std::string& path, Random& random) {
  MasterKey key(Secret(random.bytes(key_size)));
  const Secret content(std::string(first_line) + hex_encode(key.bytes().reveal()) + "\n" +
                       key.fingerprint() + "\n");
  TRY_VOID(write_file_durably(files, path, content.reveal(), 0600));
  return key;
}

Result<MasterKey> read_master_key(FileSystem& files, const std::string& path) {
  TRY(const auto info, files.info(path));
  if (!info)
    return fail(codes::bad_data_directory,
                path +
                    " is missing: without it no secret in this directory can be read. Restore "
                    "it from a backup.");
  if ((info->mode & 077) != 0)
    return fail(codes::bad_data_directory,
                fmt::format("{} has mode {:04o}: others than its owner may use it. If nobody has "
                            "read it, run: chmod 600 {}",
                            path, info->mode, path));
  TRY(auto content, read_small_file(files, path, file_size_max));
  const Secret text(std::move(content));
  const auto malformed =
      fail(codes::bad_data_directory, path +
                                          " is not a master key, or is damaged. Restore it from a "
                                          "backup.");
  auto rest = text.reveal();
  if (!rest.starts_with(first_line) || rest.size() != first_line.size() + 2 * key_size + 1 + 17)
    return malformed;
  rest.remove_prefix(first_line.size());
  const auto digits = rest.substr(0, 2 * key_size);
  auto bytes = hex_decode(digits);
  // A flipped bit can make a digit upper case: that is damage as well.
  if (!bytes || Secret(hex_encode(*bytes)).reveal() != digits) return malformed;
  MasterKey key(Secret(*std::move(bytes)));
  if (rest.substr(2 * key_size) != "\n" + key.fingerprint() + "\n") return malformed;
  return key;
}

}  // namespace larder::storage
