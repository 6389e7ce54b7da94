// "Did you mean": which of many names a mistyped one is close to.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace larder::policy {

class Nearest {
 public:
  explicit Nearest(std::string_view wanted);

  /// `name` is what found() would yield, `compared` what is like `wanted` or not; without regard to
  /// case. Of equally close ones the first is kept.
  void consider(std::string_view name, std::string_view compared);
  void consider(std::string_view name) { consider(name, name); }

  /// Empty when nothing is close: more than a slip of the fingers, by the length of the name.
  const std::string& found() const { return found_; }

 private:
  std::string wanted_;
  std::size_t distance_;  // found_ must be closer than this
  std::string found_{};
};

/// " Did you mean s3:GetObject?", or nothing when `name` is empty.
std::string did_you_mean(std::string_view name);

}  // namespace larder::policy
