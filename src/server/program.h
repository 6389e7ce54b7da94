// The composition root: everything a server is made of, built top to bottom and taken down bottom
// to top.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "server/config.h"

namespace larder::server {

class Program {
 public:
  Program(Config config, const Clock& clock, Random& random);
  /// As stop().
  ~Program();

  /// Opens the data directory, reads what is there, listens and serves. Nothing is left behind on
  /// failure.
  Result<void> start();
  /// Reads the TLS files again: new connections get what they hold now. Where that is no good, or
  /// there is no TLS, everything stays as it was; the log says so.
  void reload();
  /// `larder: ready s3=URL admin=URL socket=PATH`
  std::string ready_line() const;
  /// Lets running requests finish, for at most `deadline`. Idempotent.
  void stop(std::chrono::milliseconds deadline);

 private:
  struct Parts;
  const Config config_;
  const Clock& clock_;
  Random& random_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace larder::server
