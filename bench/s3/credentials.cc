#include "bench/s3/credentials.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "codec/json.h"

namespace larder::bench {
namespace {

constexpr std::string_view process_prefix = "process:";
constexpr std::string_view environment_prefix = "env:";
constexpr auto ask_again_after = std::chrono::minutes(10);

std::unexpected<Error> useless(std::string message) {
  return fail(codes::invalid_argument, std::move(message));
}

std::optional<std::string> text(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string() || value->get_string().empty()) return std::nullopt;
  return std::string(value->get_string());
}

Result<std::string> output_of(const std::string& command) {
  std::FILE* const pipe = popen(command.c_str(), "re");
  if (pipe == nullptr) return useless(fmt::format("cannot run: {}", command));
  std::string out;
  std::array<char, 4096> piece;
  while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), pipe))
    out.append(piece.data(), count);
  if (pclose(pipe) != 0) return useless(fmt::format("failed: {}", command));
  return out;
}

}  // namespace

Result<sigv4::Credentials> parse_credentials(std::string_view json) {
  const auto value = parse_json(json);
  if (!value || !value->is_object())
    return useless("the credentials are no JSON object, as a credential_process prints");
  const auto& object = value->get_object();
  auto id = text(object, "AccessKeyId"), secret = text(object, "SecretAccessKey");
  if (!id || !secret) return useless("the credentials have no AccessKeyId and SecretAccessKey");
  return sigv4::Credentials{*std::move(id), Secret(*std::move(secret)),
                            text(object, "SessionToken")};
}

Result<sigv4::Credentials> CredentialSource::get(Time now) {
  const bool is_old = from_.starts_with(process_prefix) && now - read_at_ > ask_again_after;
  if (!last_ || is_old) {
    TRY(last_, read());
    read_at_ = now;
  }
  return *last_;
}

Result<sigv4::Credentials> CredentialSource::read() const {
  if (from_.starts_with(environment_prefix))
    return of_environment(from_.substr(environment_prefix.size()));
  if (from_.starts_with(process_prefix)) {
    TRY(const std::string printed, output_of(from_.substr(process_prefix.size())));
    return parse_credentials(printed);
  }
  std::ifstream file;
  if (from_ != "-") file.open(from_, std::ios::binary);
  std::istream& input = from_ == "-" ? std::cin : file;
  if (!input) return useless(fmt::format("cannot read the credentials in {}", from_));
  return parse_credentials(std::string(std::istreambuf_iterator<char>(input), {}));
}

Result<sigv4::Credentials> CredentialSource::of_environment(const std::string& prefix) const {
  const auto variable = [&](const char* name) -> std::optional<std::string> {
    const auto at = environment_.find(prefix + name);
    if (at == environment_.end() || at->second.empty()) return std::nullopt;
    return at->second;
  };
  const auto id = variable("_ACCESS_KEY_ID"), secret = variable("_SECRET_ACCESS_KEY");
  if (!id || !secret)
    return useless(
        fmt::format("{0}_ACCESS_KEY_ID and {0}_SECRET_ACCESS_KEY are not both set", prefix));
  return sigv4::Credentials{*id, Secret(*secret), variable("_SESSION_TOKEN")};
}

}  // namespace larder::bench
