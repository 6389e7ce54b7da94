// Writes the one response of a request.
#pragma once

#include <string>
#include <string_view>

#include "http/core.h"
#include "http/message.h"
#include "http/request_body.h"

namespace larder::http {

/// The standard phrase; "Unknown" where there is none.
std::string_view reason_phrase(int status);

class Response final : public ResponseWriter {
 public:
  /// `keep_alive`: the client and the server would both keep the connection.
  Response(Core& core, Wire& wire, RequestBody& body, const RequestHead& head);

  Task<Result<void>> send(int status, Headers headers, std::string body) override;
  Task<Result<void>> send(int status, Headers headers, ByteSource& body,
                          std::uint64_t length) override;
  bool started() const override { return started_; }

  /// The whole response is out and the client was not told that the connection ends.
  bool keeps_connection() const { return complete_ && keep_alive_; }
  /// The whole response is out.
  bool complete() const { return complete_; }

 private:
  struct Stream;

  Result<void> check(int status, const Headers& headers) const;
  bool bodiless(int status) const;
  std::string make_head(int status, const Headers& headers, std::uint64_t length);
  Task<Result<void>> write(std::string_view first, std::string_view second);
  Task<Result<void>> stream(std::string head, ByteSource& body, std::uint64_t length,
                            std::span<char> buffer);

  Core& core_;
  Wire& wire_;
  RequestBody& request_body_;
  const bool is_head_;
  const int minor_version_;
  bool keep_alive_;
  bool started_ = false;
  bool complete_ = false;
};

}  // namespace larder::http
