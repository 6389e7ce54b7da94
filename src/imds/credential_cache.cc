#include "imds/credential_cache.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"

namespace larder::imds {
namespace {

Time replacement_time(const RoleCredentials& credentials, Time now) {
  if (credentials.code != "Success") return now + CredentialCache::retry_after;
  // Of short-lived ones half the life: they are the same for a while, too.
  const Time half = now + (credentials.expiration - now) / 2;
  const Time early = std::max(credentials.expiration - CredentialCache::left_min, half);
  return std::min(Time(now + CredentialCache::rotation), early);
}

}  // namespace

std::shared_ptr<CredentialCache::Slot> CredentialCache::slot_of(const Profile& profile,
                                                                Delivery delivery) {
  CHECK(profile.role.has_value());
  auto& slot = slots_[static_cast<std::size_t>(delivery)];
  if (!slot || slot->association_id != profile.association_id ||
      slot->role_id != profile.role->id) {
    // A fetch for the old one may be under way: it ends in the old slot.
    slot = std::make_shared<Slot>();
    slot->association_id = profile.association_id;
    slot->role_id = profile.role->id;
  }
  return slot;
}

Task<Result<CredentialCache::Credentials>> CredentialCache::get(const Profile& profile,
                                                                Delivery delivery) {
  const auto slot = slot_of(profile, delivery);
  const Time now = clock_.now();
  if (slot->credentials && now < slot->replace_at) co_return slot->credentials;
  if (now < slot->retry_at) co_return keep_or_fail(*slot);
  co_return co_await slot->flight.run([this, slot, delivery] { return fetch(slot, delivery); });
}

Task<Result<CredentialCache::Credentials>> CredentialCache::fetch(std::shared_ptr<Slot> slot,
                                                                  Delivery delivery) {
  auto fetched = co_await source_.credentials(delivery);
  const Time now = clock_.now();
  if (!fetched) {
    slot->failure = std::move(fetched).error();
    slot->retry_at = now + retry_after;
    log::warning("no new credentials for the instance's role: {}: {}", slot->failure.code.name,
                 slot->failure.message);
    co_return keep_or_fail(*slot);
  }
  slot->replace_at = replacement_time(*fetched, now);
  slot->credentials = std::make_shared<const RoleCredentials>(*std::move(fetched));
  co_return slot->credentials;
}

Result<CredentialCache::Credentials> CredentialCache::keep_or_fail(Slot& slot) const {
  const bool valid = slot.credentials && slot.credentials->code == "Success" &&
                     clock_.now() < slot.credentials->expiration;
  if (valid) return slot.credentials;
  return fail(slot.failure);
}

}  // namespace larder::imds
