// Dates as HTTP writes them.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace larder::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7). Fractions of a second are dropped.
std::string format_http_date(Time time);

/// The current date, formatted once a second. One thread only.
class DateLine {
 public:
  explicit DateLine(const Clock& clock) : clock_(clock) {}
  std::string_view now();

 private:
  const Clock& clock_;
  std::chrono::sys_seconds second_{Seconds::min()};
  std::string text_;
};

}  // namespace larder::http
