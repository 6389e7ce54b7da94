#include "server/config.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>

#include "base/log.h"
#include "server/address.h"

namespace larder::server {
namespace {

constexpr std::int64_t scrub_rate_max = 1'000'000;

std::unexpected<Error> wrong(const std::string& path, std::string_view key,
                             std::string_view expected) {
  return fail(codes::bad_configuration, fmt::format("{}: {} must be {}", path, key, expected));
}

template <class T>
Result<void> read(const std::string& path, const toml::node& node, std::string_view key, T& into) {
  const auto value = node.value<T>();
  if (!value) return wrong(path, key, std::is_integral_v<T> ? "a number" : "a text in quotes");
  into = *value;
  return {};
}

template <class Container>
Result<void> read_list(const std::string& path, const toml::node& node, std::string_view key,
                       Container& into) {
  const auto* list = node.as_array();
  if (list == nullptr) return wrong(path, key, "a list of texts");
  for (const auto& element : *list) {
    const auto text = element.value<std::string>();
    if (!text) return wrong(path, key, "a list of texts");
    into.insert(into.end(), *text);
  }
  return {};
}

Result<void> read_audit(const std::string& path, const toml::table& table, Config::Audit& audit) {
  for (const auto& [key, node] : table) {
    const std::string name = "audit." + std::string(key.str());
    std::int64_t number = 0;
    if (key == "rotate_megabytes") {
      TRY_VOID(read(path, node, name, number));
      if (number < 1) return wrong(path, name, "at least 1");
      audit.rotate_bytes = static_cast<std::uint64_t>(number) * 1024 * 1024;
    } else if (key == "keep_days") {
      TRY_VOID(read(path, node, name, audit.keep_days));
      if (audit.keep_days < 0 || audit.keep_days > 36'500)
        return wrong(path, name, "0 (for ever) to 36500");
    } else if (key == "keep_megabytes") {
      TRY_VOID(read(path, node, name, number));
      if (number < 0) return wrong(path, name, "0 (without a bound) or more");
      audit.keep_bytes = static_cast<std::uint64_t>(number) * 1024 * 1024;
    } else if (key == "object_reads_off") {
      TRY_VOID(read_list(path, node, name, audit.object_reads_off));
    } else if (key == "object_writes_off") {
      TRY_VOID(read_list(path, node, name, audit.object_writes_off));
    } else {
      return fail(codes::bad_configuration, fmt::format("{}: there is no setting {}", path, name));
    }
  }
  return {};
}

Result<void> read_tls(const std::string& path, const toml::table& table, Config::Tls& tls) {
  for (const auto& [key, node] : table) {
    const std::string name = "tls." + std::string(key.str());
    if (key == "certificate") {
      TRY_VOID(read(path, node, name, tls.certificate));
    } else if (key == "key") {
      TRY_VOID(read(path, node, name, tls.key));
    } else if (key == "self_signed") {
      const auto* value = node.as_boolean();
      if (value == nullptr) return wrong(path, name, "true or false");
      tls.self_signed = value->get();
    } else {
      return fail(codes::bad_configuration, fmt::format("{}: there is no setting {}", path, name));
    }
  }
  return {};
}

Result<void> check_tls(const Config::Tls& tls) {
  if (tls.certificate.empty() != tls.key.empty())
    return fail(codes::bad_configuration,
                "--tls-certificate FILE and --tls-key FILE go together: both files are needed");
  if (tls.self_signed && !tls.certificate.empty())
    return fail(codes::bad_configuration,
                "--tls-self-signed makes a certificate, --tls-certificate names one: choose one of "
                "them");
  return {};
}

}  // namespace

std::vector<std::string> default_domains(const std::string& region) {
  return {"localhost", "s3.amazonaws.com", fmt::format("s3.{}.amazonaws.com", region),
          fmt::format("s3-{}.amazonaws.com", region),
          fmt::format("s3.dualstack.{}.amazonaws.com", region)};
}

Result<void> read_config_file(const std::string& path, Config& config) {
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return fail(codes::bad_configuration,
                fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
  }
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (name == "data") {
      TRY_VOID(read(path, node, name, config.data));
    } else if (name == "listen") {
      TRY_VOID(read(path, node, name, config.listen));
    } else if (name == "admin") {
      TRY_VOID(read(path, node, name, config.admin));
    } else if (name == "region") {
      TRY_VOID(read(path, node, name, config.region));
    } else if (name == "log_format") {
      TRY_VOID(read(path, node, name, config.log_format));
    } else if (name == "log_level") {
      TRY_VOID(read(path, node, name, config.log_level));
    } else if (name == "domains") {
      TRY_VOID(read_list(path, node, name, config.domains));
    } else if (name == "tls" && node.is_table()) {
      TRY_VOID(read_tls(path, *node.as_table(), config.tls));
    } else if (name == "scrub_rate") {
      TRY_VOID(read(path, node, name, config.scrub_rate.emplace()));
    } else if (name == "audit" && node.is_table()) {
      TRY_VOID(read_audit(path, *node.as_table(), config.audit));
    } else {
      return fail(codes::bad_configuration, fmt::format("{}: there is no setting {}", path, name));
    }
  }
  return {};
}

Result<void> check(const Config& config) {
  if (config.data.empty())
    return fail(codes::bad_configuration,
                "--data DIR is needed: where the server keeps everything");
  TRY_VOID(parse_address(config.listen, "--listen"));
  TRY_VOID(parse_address(config.admin, "--admin"));
  if (!log::parse_format(config.log_format))
    return fail(codes::bad_configuration,
                fmt::format("--log-format {} is neither text nor json", config.log_format));
  if (!log::parse_level(config.log_level))
    return fail(
        codes::bad_configuration,
        fmt::format("--log-level {} is none of debug, info, warning and error", config.log_level));
  TRY_VOID(check_tls(config.tls));
  if (config.scrub_rate.value_or(0) < 0 || config.scrub_rate.value_or(0) > scrub_rate_max)
    return fail(
        codes::bad_configuration,
        fmt::format("--scrub-rate must be 0 (off) to {} (megabytes a second)", scrub_rate_max));
  const bool region = !config.region.empty() && config.region.size() <= 64 &&
                      std::ranges::all_of(config.region, [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                      });
  if (!region)
    return fail(codes::bad_configuration,
                fmt::format("--region {} is not a region's name: lower-case letters, digits and "
                            "'-', like eu-central-1",
                            config.region));
  return {};
}

}  // namespace larder::server
