#include "s3/testing/world.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "storage/testing/run.h"

namespace larder::s3::test {
namespace {

class Body final : public ByteSource {
 public:
  explicit Body(std::string bytes) : bytes_(std::move(bytes)) {}
  Task<Result<std::size_t>> read(std::span<char> into) override {
    const auto count = std::min({into.size(), bytes_.size() - at_, std::size_t{100'000}});
    std::memcpy(into.data(), bytes_.data() + at_, count);
    at_ += count;
    co_return count;
  }
  std::optional<std::uint64_t> length() const override { return bytes_.size(); }

 private:
  const std::string bytes_;
  std::size_t at_ = 0;
};

class Writer final : public http::ResponseWriter {
 public:
  Task<Result<void>> send(int status, http::Headers headers, std::string body) override {
    started_ = true;
    reply = {status, std::move(headers), std::move(body)};
    co_return Result<void>();
  }
  Task<Result<void>> send(int status, http::Headers headers, ByteSource& body,
                          std::uint64_t length) override {
    std::string all;
    std::string piece(300'000, '\0');
    for (;;) {
      CO_TRY(const auto count, co_await body.read(piece));
      if (count == 0) break;
      all.append(piece, 0, count);
    }
    if (all.size() != length)
      co_return fail(larder::codes::internal_error, "the stream has another length");
    started_ = true;
    reply = {status, std::move(headers), std::move(all)};
    co_return Result<void>();
  }
  bool started() const override { return started_; }

  Reply reply;

 private:
  bool started_ = false;
};

std::string unescape(std::string text) {
  const std::pair<std::string_view, std::string_view> entities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}};
  for (const auto& [entity, plain] : entities)
    for (auto at = text.find(entity); at != text.npos; at = text.find(entity, at + 1))
      text.replace(at, entity.size(), plain);
  return text;
}

}  // namespace

std::vector<std::string> Reply::elements(std::string_view name) const {
  const std::string open = "<" + std::string(name) + ">";
  const std::string close = "</" + std::string(name) + ">";
  std::vector<std::string> found;
  for (auto at = body.find(open); at != body.npos; at = body.find(open, at + 1)) {
    const auto begin = at + open.size();
    found.push_back(unescape(body.substr(begin, body.find(close, begin) - begin)));
  }
  return found;
}

std::string Reply::element(std::string_view name) const {
  const auto all = elements(name);
  return all.empty() ? "" : all.front();
}

std::string Reply::header(std::string_view name) const {
  return std::string(headers.find(name).value_or(""));
}

aws::Ruling Rules::rule(const aws::Caller& caller, const aws::Demand& demand) const {
  aws::Ruling ruling;
  const bool foreign =
      !demand.resource_account.empty() && demand.resource_account != caller.account();
  const bool refused = std::ranges::any_of(denied, [&](const std::string& entry) {
    return entry == demand.action || entry == demand.action + " " + demand.resource;
  });
  ruling.allowed = !foreign && !refused;
  ruling.message = ruling.allowed ? "" : "denied: " + demand.action;
  return ruling;
}

class World::Credentials final : public aws::CredentialDirectory {
 public:
  explicit Credentials(const World& world) : world_(world) {}
  std::expected<aws::Credential, aws::BadCredential> find(const std::string&,
                                                          const std::optional<std::string>&,
                                                          Time) const override {
    return std::unexpected(aws::BadCredential::unknown_key);
  }
  std::optional<aws::Caller> local_operator(const std::string&, uid_t uid, Time) const override {
    aws::Caller caller;
    caller.principal.kind = policy::Principal::Kind::root;
    caller.principal.account = world_.account;
    caller.principal.arn = "arn:aws:iam::" + world_.account + ":root";
    caller.local_uid = uid;
    return caller;
  }

 private:
  const World& world_;
};

class World::Audit final : public aws::AuditSink {
 public:
  bool ready() const override { return true; }
  Result<void> append(const aws::AuditEvent&) override { return {}; }
};

World::World(storage::Kv& kv, storage::Blobs& blobs)
    : s3(
          kv, blobs, hashing, clock, random, "us-east-1",
          [](const std::string& id) { return std::string(64 - id.size(), 'c') + id; },
          [this](const std::string& id) { return id == account ? max_bytes : std::nullopt; }),
      credentials_(std::make_shared<Credentials>(*this)),
      audit_(std::make_shared<Audit>()),
      pipeline_({"us-east-1", {"localhost"}}, *credentials_, rules, *audit_, clock, random) {
  storage::test::run(s3.load()).value();
  pipeline_.set({&s3, &s3.facts(), aws::make_s3_routes(s3_operations())});
}

Task<Reply> World::serve(std::string method, std::string target, std::string body,
                         http::Headers headers) {
  headers.add("Host", "127.0.0.1:9000");
  if (!headers.contains("Content-Length"))
    headers.add("Content-Length", std::to_string(body.size()));
  Body source(std::move(body));
  http::Peer peer;
  peer.unix_peer = http::UnixPeer{1, geteuid(), 0};
  http::Request request{std::move(method),  std::move(target), 1,
                        std::move(headers), std::move(peer),   source};
  Writer writer;
  co_await pipeline_.serve(request, writer);
  co_return std::move(writer.reply);
}

Reply World::send(std::string method, std::string target, std::string body, http::Headers headers) {
  return storage::test::run(
      serve(std::move(method), std::move(target), std::move(body), std::move(headers)));
}

}  // namespace larder::s3::test
