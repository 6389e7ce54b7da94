#include "sts/session_tokens.h"

#include <fmt/format.h>

#include "aws/ids.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "sts/fsck.h"
#include "sts/session_record.h"

namespace larder::sts {
namespace {

constexpr const char* partition = "sessions";
constexpr std::string_view key_prefix = "key/";
constexpr std::size_t key_bytes = 32;
constexpr std::size_t key_id_bytes = 4;
constexpr char format = 1;
// What a share of the opened ones remembers: beyond it a token is opened again.
constexpr std::size_t share_count = 1024;
constexpr std::size_t share_bytes = 4 * 1024 * 1024;

/// The token's key pair: 40 characters of base64, as AWS's secrets.
Secret derive_secret(const Secret& key, const std::string& access_key_id) {
  return Secret(base64_encode(hmac_sha256(key.reveal(), "secret/" + access_key_id).substr(0, 30)));
}

/// About what it takes in memory.
std::size_t bytes_of(const SessionTokens::Opened& opened) {
  const auto& session = *opened.caller.session;
  std::size_t bytes = sizeof(SessionTokens::Opened) + 1024;  // names and ARNs, most twice
  for (const auto& policy : session.policies) bytes += sizeof policy + policy.size();
  for (const auto& arn : session.policy_arns) bytes += sizeof arn + arn.size();
  for (const auto& tag : session.tags) bytes += sizeof tag + tag.first.size() + tag.second.size();
  return bytes;
}

}  // namespace

struct SessionTokens::Key {
  std::string id;  // key_id_bytes raw bytes
  Secret bytes;
  storage::Sealer sealer;
};

SessionTokens::SessionTokens(storage::Kv& kv, const storage::Sealer& sealer, Random& random)
    : kv_(kv),
      sealer_(sealer),
      random_(random),
      opened_({.entries = share_count, .bytes = share_bytes}) {}
SessionTokens::~SessionTokens() = default;

Result<void> SessionTokens::add_key(const std::string& id, const Secret& bytes) {
  if (bytes.reveal().size() != key_bytes)
    return fail(larder::codes::internal_error, "A key of session tokens has a wrong length.");
  keys_.push_back(std::unique_ptr<Key>(
      new Key{id, bytes, storage::Sealer(storage::MasterKey(bytes), random_)}));
  return {};
}

const SessionTokens::Key* SessionTokens::find_key(std::string_view id) const {
  for (const auto& key : keys_)
    if (key->id == id) return key.get();
  return nullptr;
}

Task<Result<void>> check_token_keys(storage::Kv& kv, const storage::Sealer& sealer,
                                    storage::FindingSink report) {
  storage::EntryWalk walk(kv, partition, storage::KeyRange());
  for (;;) {
    CO_TRY(const auto entry, co_await walk.next());
    if (!entry) co_return Result<void>();
    const std::string_view key = entry->key;
    std::string what;
    if (!key.starts_with(key_prefix)) {
      what = "a record that this program does not know";
    } else if (const auto bytes = sealer.open("sts.token-key", key, entry->value);
               !bytes || bytes->reveal().size() != key_bytes ||
               !hex_decode(key.substr(key_prefix.size()))) {
      what = "the key of session tokens cannot be opened with this master.key";
    }
    if (!what.empty())
      report({.what = std::move(what), .partition = partition, .record = entry->key});
  }
}

Task<Result<void>> SessionTokens::load() {
  auto page =
      co_await kv_.scan(partition, storage::keys_with_prefix(std::string(key_prefix)), 1000);
  if (!page) co_return fail(std::move(page).error());
  for (const auto& entry : page->entries) {
    const auto id = hex_decode(std::string_view(entry.key).substr(key_prefix.size()));
    auto bytes = sealer_.open("sts.token-key", entry.key, entry.value);
    if (!id || !bytes)
      co_return fail(larder::codes::internal_error,
                     "The key of session tokens " + entry.key +
                         " cannot be opened: is master.key the one of this data?");
    CO_TRY_VOID(add_key(*id, *bytes));
  }
  if (!keys_.empty()) co_return Result<void>();
  const std::string id = random_.bytes(key_id_bytes);
  const Secret bytes(random_.bytes(key_bytes));
  const std::string name = std::string(key_prefix) + hex_encode(id);
  std::vector<storage::Guard> guards;
  guards.push_back({name, std::nullopt});
  std::vector<storage::Write> writes;
  writes.push_back({name, sealer_.seal("sts.token-key", name, bytes.reveal())});
  auto stored = co_await kv_.commit(partition, std::move(guards), std::move(writes));
  if (!stored) co_return fail(std::move(stored).error());
  if (*stored != storage::CommitOutcome::committed)
    co_return fail(larder::codes::internal_error,
                   "The key of session tokens could not be stored; start again.");
  co_return add_key(id, bytes);
}

Result<aws::SessionCredentials> SessionTokens::issue(const aws::Session& session) {
  const Key& key = *keys_.back();
  aws::SessionCredentials made;
  made.access_key_id = aws::make_access_key_id("ASIA", session.account, random_);
  made.secret_access_key = derive_secret(key.bytes, made.access_key_id);
  made.issued = std::chrono::floor<Seconds>(session.issued);
  made.expires = std::chrono::floor<Seconds>(session.expires);
  std::string raw(1, format);
  raw += key.id;
  raw += key.sealer.seal("sts.session", made.access_key_id, pack(session));
  made.session_token = base64_encode(raw);
  if (made.session_token.size() > token_characters_max)
    return fail(
        codes::packed_policy_too_large,
        fmt::format("Packed size of session policies and tags consumes {}% of allotted space.",
                    made.session_token.size() * 100 / token_characters_max));
  return made;
}

std::shared_ptr<const SessionTokens::Opened> SessionTokens::unseal(const std::string& access_key_id,
                                                                   const std::string& token) const {
  if (token.size() > token_characters_max) return nullptr;
  const auto raw = base64_decode(token);
  if (!raw || raw->size() < 1 + key_id_bytes || raw->front() != format) return nullptr;
  const Key* key = find_key(std::string_view(*raw).substr(1, key_id_bytes));
  if (key == nullptr) return nullptr;
  const auto packed = key->sealer.open("sts.session", access_key_id,
                                       std::string_view(*raw).substr(1 + key_id_bytes));
  if (!packed) return nullptr;
  auto session = unpack(packed->reveal());
  if (!session) return nullptr;
  return std::make_shared<const Opened>(aws::caller_of(*std::move(session), access_key_id),
                                        derive_secret(key->bytes, access_key_id));
}

std::expected<std::shared_ptr<const SessionTokens::Opened>, aws::BadCredential> SessionTokens::open(
    const std::string& access_key_id, const std::string& token, Time now) const {
  auto opened = opened_.find(token);
  if (opened == nullptr || opened->caller.access_key_id != access_key_id) {
    opened = unseal(access_key_id, token);
    if (opened == nullptr) return std::unexpected(aws::BadCredential::invalid_token);
    if (now < opened->caller.session->expires) opened_.put(token, opened, bytes_of(*opened));
  }
  if (now >= opened->caller.session->expires)
    return std::unexpected(aws::BadCredential::expired_token);
  return opened;
}

}  // namespace larder::sts
