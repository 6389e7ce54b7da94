// The list of a program's metrics, and its text for Prometheus. It is made by the composition root
// and handed to those who have something to show.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/metrics.h"

namespace larder::metrics {

/// In the order in which they are shown.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// `used`: no line while the value is 0. For rows of which a program uses only a part.
enum class Shown { always, used };

/// Filled by one thread before the first text(); then safe from any thread. What is registered
/// lives for as long as text() may be called.
///
/// Names follow Prometheus' conventions: `larder_`, base units (seconds, bytes), `_total` for what
/// only grows. A wrong name or label, the same series twice, and one name with two meanings are
/// bugs (CHECK).
class Registry {
 public:
  /// nullopt: not known now, so no line.
  using Read = std::function<std::optional<double>()>;

  void counter(std::string_view name, std::string_view help, Labels labels, Read read,
               Shown shown = Shown::always);
  void counter(std::string_view name, std::string_view help, Labels labels, const Counter& counter);
  void gauge(std::string_view name, std::string_view help, Labels labels, Read read);
  /// As many rows as there are just now, each with labels of its own: for what comes and goes. The
  /// caller bounds them.
  struct Row {
    Labels labels;
    double value;
  };
  using ReadRows = std::function<std::vector<Row>()>;
  void gauges(std::string_view name, std::string_view help, ReadRows read);
  void histogram(std::string_view name, std::string_view help, Labels labels,
                 const Histogram& histogram, Shown shown = Shown::always);

  /// All of it in the text format, version 0.0.4, in the order of the names, and of the labels
  /// within one name. Source: "Exposition formats", prometheus.io.
  std::string text() const;

 private:
  enum class Type { counter, gauge, histogram };
  using Value = std::variant<Read, ReadRows, const Histogram*>;
  struct Series {
    std::string labels;  // a="b",c="d"
    Value value;
    Shown shown;
  };
  struct Family {
    Type type;
    std::string help;
    std::vector<Series> series{};  // sorted by their labels
  };

  void add(Type type, std::string_view name, std::string_view help, const Labels& labels,
           Value value, Shown shown);

  std::map<std::string, Family, std::less<>> families_;
};

/// The Content-Type of text().
inline constexpr std::string_view text_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace larder::metrics
