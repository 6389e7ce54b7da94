#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "bench/s3/subject.h"
#include "bench/s3/units.h"
#include "codec/uri.h"

namespace larder::bench {
namespace {

constexpr std::string_view top = "bench-s3/";
constexpr std::size_t page = 1000;  // of keys: the most that S3 lists at once
// The objects of a size are fewer than asked for when they would be larger than this together.
constexpr std::uint64_t set_bytes = 256 << 20;
constexpr std::size_t set_min = 4;
// What a round of DELETEs deletes at most.
constexpr std::size_t fill_max = 20'000;
constexpr std::size_t own_connections = 16;

std::unexpected<Error> refused(std::string_view what, const Answer& answer) {
  return fail(codes::service_unavailable,
              fmt::format("{}: status {}: {}", what, answer.status, answer.body.substr(0, 500)));
}

/// The texts of all <Key> elements; ours need no unescaping.
std::vector<std::string> keys_in(std::string_view listing) {
  constexpr std::string_view open = "<Key>", close = "</Key>";
  std::vector<std::string> keys;
  while (true) {
    const auto at = listing.find(open);
    if (at == listing.npos) return keys;
    listing.remove_prefix(at + open.size());
    keys.emplace_back(listing.substr(0, listing.find(close)));
  }
}

class Store final : public Subject {
 public:
  Store(StoreSettings settings, Body& body, const Clock& clock, Load load)
      : settings_(std::move(settings)), body_(body), clock_(clock), load_(std::move(load)) {}

  Result<void> make_bucket();
  Result<void> prepare(const Cell& cell) override;
  Result<Workloads> workloads(const Cell& cell, std::size_t lanes) override;
  Result<void> clean() override;

 private:
  Result<void> freshen();
  std::size_t objects_of(std::uint64_t size) const;
  std::string path_of(std::string_view key) const;
  std::string key_of(std::uint64_t size, std::string_view set, std::size_t number) const;
  Request put(std::string_view key, std::uint64_t size);
  Result<void> put_objects(std::uint64_t size);
  Result<void> compare_one(std::uint64_t size);
  std::vector<Request> puts(std::uint64_t size, std::string_view set);
  std::vector<Request> gets(std::uint64_t size) const;
  std::vector<Request> removals(std::uint64_t size, std::string_view set) const;
  std::vector<Request> lists(std::uint64_t size) const;
  Workloads rings(std::size_t lanes) const;
  Workloads mixed(std::uint64_t size, std::size_t lanes);
  Result<Workloads> deletes(std::uint64_t size, std::size_t lanes);

  StoreSettings settings_;
  Body& body_;
  const Clock& clock_;
  Load load_;  // for all that is not measured
  std::optional<RequestMaker> maker_;
  bool made_bucket_ = false;
  std::set<std::uint64_t> there_;  // sizes whose objects have been put

  // Of the round.
  std::vector<std::vector<Request>> requests_;
};

// Signatures are good for fifteen minutes, credentials perhaps for an hour.
Result<void> Store::freshen() {
  std::optional<sigv4::Credentials> credentials;
  const Time now = clock_.now();
  if (settings_.credentials) {
    TRY(credentials, settings_.credentials->get(now));
  }
  maker_.emplace(settings_.endpoint, std::move(credentials), settings_.region);
  maker_->set_time(now);
  return {};
}

std::size_t Store::objects_of(std::uint64_t size) const {
  const std::uint64_t fitting = set_bytes / std::max<std::uint64_t>(size, 1);
  return std::min(settings_.objects, std::max<std::size_t>(fitting, set_min));
}

std::string Store::path_of(std::string_view key) const {
  return fmt::format("/{}/{}", settings_.bucket, key);
}

std::string Store::key_of(std::uint64_t size, std::string_view set, std::size_t number) const {
  return fmt::format("{}{}/{}/{:06}", top, format_size(size), set, number);
}

Request Store::put(std::string_view key, std::uint64_t size) {
  return maker_->put(path_of(key), body_.bytes(size),
                     settings_.sign_payload ? body_.sha256_hex(size) : "UNSIGNED-PAYLOAD");
}

Result<void> Store::make_bucket() {
  TRY_VOID(freshen());
  const std::string path = "/" + settings_.bucket;
  TRY(const Answer listed, load_.ask(maker_->simple("GET", path, "list-type=2&max-keys=1")));
  if (listed.status == 200) return {};
  if (listed.status != 404) return refused("listing bucket " + settings_.bucket, listed);
  const std::string configuration =
      fmt::format(R"(<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)"
                  "<LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>",
                  settings_.region);
  const std::string_view body =
      settings_.region == "us-east-1" ? std::string_view() : configuration;
  TRY(const Answer made, load_.ask(maker_->put(path, body, "UNSIGNED-PAYLOAD")));
  if (made.status != 200) return refused("making bucket " + settings_.bucket, made);
  made_bucket_ = true;
  return {};
}

Result<void> Store::prepare(const Cell& cell) {
  const bool reads = cell.kind == Kind::get || cell.kind == Kind::list || cell.kind == Kind::mixed;
  if (!reads || there_.contains(cell.size)) return {};
  TRY_VOID(freshen());
  TRY_VOID(put_objects(cell.size));
  TRY_VOID(compare_one(cell.size));
  there_.insert(cell.size);
  return {};
}

Result<void> Store::put_objects(std::uint64_t size) {
  const auto requests = puts(size, "read");
  Workloads once;
  once.push_back(std::make_unique<Once>(requests));
  const Tally tally = load_.run(once, std::chrono::hours(1));
  if (tally.errors.empty()) return {};
  const auto& [what, count] = *tally.errors.begin();
  return fail(codes::service_unavailable,
              fmt::format("putting objects of {}: {} of {} failed: {}: {}", format_size(size),
                          count, requests.size(), what, tally.complaint));
}

Result<void> Store::compare_one(std::uint64_t size) {
  TRY(const Answer answer, load_.ask(maker_->get(path_of(key_of(size, "read", 0)), size)));
  if (answer.status != 200) return refused("getting an object", answer);
  if (answer.body == body_.bytes(size)) return {};
  return fail(codes::service_unavailable,
              fmt::format("an object of {} is not what was put", format_size(size)));
}

std::vector<Request> Store::puts(std::uint64_t size, std::string_view set) {
  std::vector<Request> out;
  for (std::size_t i = 0; i < objects_of(size); ++i) out.push_back(put(key_of(size, set, i), size));
  return out;
}

std::vector<Request> Store::gets(std::uint64_t size) const {
  std::vector<Request> out;
  for (std::size_t i = 0; i < objects_of(size); ++i)
    out.push_back(maker_->get(path_of(key_of(size, "read", i)), size));
  return out;
}

std::vector<Request> Store::removals(std::uint64_t size, std::string_view set) const {
  std::vector<Request> out;
  for (std::size_t i = 0; i < objects_of(size); ++i)
    out.push_back(maker_->remove(path_of(key_of(size, set, i))));
  return out;
}

std::vector<Request> Store::lists(std::uint64_t size) const {
  const std::string prefix = percent_encode(fmt::format("{}{}/read/", top, format_size(size)));
  std::vector<Request> out;
  for (std::size_t from = 0; from < objects_of(size); from += page) {
    std::string query = fmt::format("list-type=2&max-keys={}&prefix={}", page, prefix);
    if (from > 0) query += "&start-after=" + percent_encode(key_of(size, "read", from - 1));
    out.push_back(maker_->simple("GET", "/" + settings_.bucket, query));
  }
  return out;
}

Result<Workloads> Store::workloads(const Cell& cell, std::size_t lanes) {
  TRY_VOID(freshen());
  requests_.clear();
  switch (cell.kind) {
    case Kind::put:
      requests_.push_back(puts(cell.size, "written"));
      return rings(lanes);
    case Kind::get:
      requests_.push_back(gets(cell.size));
      return rings(lanes);
    case Kind::list:
      requests_.push_back(lists(cell.size));
      return rings(lanes);
    case Kind::mixed:
      return mixed(cell.size, lanes);
    case Kind::remove:
      return deletes(cell.size, lanes);
  }
  return fail(codes::internal_error, "no such operation");
}

Workloads Store::rings(std::size_t lanes) const {
  const auto& requests = requests_.front();
  Workloads out;
  for (std::size_t i = 0; i < lanes; ++i)
    out.push_back(std::make_unique<Ring>(requests, i * requests.size() / lanes));
  return out;
}

Workloads Store::mixed(std::uint64_t size, std::size_t lanes) {
  requests_.push_back(gets(size));
  requests_.push_back(lists(size));
  for (std::size_t i = 0; i < lanes; ++i) {
    const std::string set = fmt::format("mixed-{}", i);
    requests_.push_back(puts(size, set));
    requests_.push_back(removals(size, set));
  }
  Workloads out;
  for (std::size_t i = 0; i < lanes; ++i)
    out.push_back(std::make_unique<Mixed>(Mixed::Requests{.gets = requests_[0],
                                                          .puts = requests_[2 + 2 * i],
                                                          .removals = requests_[3 + 2 * i],
                                                          .list = requests_[1].data()},
                                          i * requests_[0].size() / lanes));
  return out;
}

Result<Workloads> Store::deletes(std::uint64_t size, std::size_t lanes) {
  auto fill = std::make_unique<Fill>(
      [&](std::size_t number) { return put(key_of(size, "deleted", number), size); }, fill_max);
  const Fill& filled = *fill;
  Workloads one;
  one.push_back(std::move(fill));
  const Tally tally = load_.run(one, settings_.fill_time);
  if (!tally.errors.empty())
    return fail(codes::service_unavailable,
                fmt::format("putting what is to be deleted: {}: {}", tally.errors.begin()->first,
                            tally.complaint));
  requests_.resize(lanes);
  for (std::size_t i = 0; i < filled.made(); ++i)
    requests_[i % lanes].push_back(maker_->remove(path_of(key_of(size, "deleted", i))));
  Workloads out;
  for (std::size_t i = 0; i < lanes; ++i) out.push_back(std::make_unique<Once>(requests_[i]));
  return out;
}

Result<void> Store::clean() {
  if (settings_.keep) return {};
  const std::string path = "/" + settings_.bucket;
  const std::string query = "list-type=2&prefix=" + percent_encode(top);
  while (true) {
    TRY_VOID(freshen());
    TRY(const Answer listed, load_.ask(maker_->simple("GET", path, query)));
    // Two endpoints may be one server, and the first has cleaned for both.
    if (listed.status == 404) return {};
    if (listed.status != 200) return refused("listing what was made", listed);
    std::vector<Request> requests;
    for (const auto& key : keys_in(listed.body)) requests.push_back(maker_->remove(path_of(key)));
    if (requests.empty()) break;
    Workloads once;
    once.push_back(std::make_unique<Once>(requests));
    const Tally tally = load_.run(once, std::chrono::hours(1));
    if (!tally.errors.empty())
      return fail(codes::service_unavailable,
                  fmt::format("deleting what was made: {}: {}", tally.errors.begin()->first,
                              tally.complaint));
  }
  if (!made_bucket_) return {};
  TRY(const Answer removed, load_.ask(maker_->remove(path)));
  if (removed.status != 204) return refused("deleting bucket " + settings_.bucket, removed);
  return {};
}

class Page final : public Subject {
 public:
  Page(StoreSettings settings, const Clock& clock)
      : settings_(std::move(settings)), clock_(clock) {}

  Result<Request> request(std::optional<std::uint64_t> size);
  Result<void> prepare(const Cell&) override { return {}; }
  Result<Workloads> workloads(const Cell& cell, std::size_t lanes) override;
  Result<void> clean() override { return {}; }

 private:
  StoreSettings settings_;
  const Clock& clock_;
  std::optional<Request> request_;
};

Result<Request> Page::request(std::optional<std::uint64_t> size) {
  std::optional<sigv4::Credentials> credentials;
  if (settings_.credentials) {
    TRY(credentials, settings_.credentials->get(clock_.now()));
  }
  RequestMaker maker(settings_.endpoint, std::move(credentials), settings_.region);
  maker.set_time(clock_.now());
  const auto target = http::split_target(settings_.endpoint.target);
  Request made = maker.simple("GET", target.path, target.query.value_or(std::string_view()));
  made.answer_size = size;
  return made;
}

Result<Workloads> Page::workloads(const Cell& cell, std::size_t lanes) {
  TRY(request_, request(cell.size));
  Workloads out;
  for (std::size_t i = 0; i < lanes; ++i)
    out.push_back(std::make_unique<Ring>(std::span(&*request_, 1), 0));
  return out;
}

}  // namespace

Result<std::unique_ptr<Subject>> open_store(StoreSettings settings, const Server& server,
                                            Body& body, const Clock& clock) {
  TRY(Load load, Load::open(server, body, {.connections = own_connections}));
  auto store = std::make_unique<Store>(std::move(settings), body, clock, std::move(load));
  TRY_VOID(store->make_bucket());
  return store;
}

Result<std::unique_ptr<Subject>> open_page(StoreSettings settings, const Server& server,
                                           const Body& body, const Clock& clock,
                                           std::uint64_t& size) {
  TRY(Load load, Load::open(server, body, {}));
  const std::string target = settings.endpoint.target;
  auto page_there = std::make_unique<Page>(std::move(settings), clock);
  TRY(const Request request, page_there->request(std::nullopt));
  TRY(const Answer answer, load.ask(request));
  if (answer.status != 200) return refused(target, answer);
  size = answer.body.size();
  return page_there;
}

}  // namespace larder::bench
