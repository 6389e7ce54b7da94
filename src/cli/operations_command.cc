// `larder operations`.
#include <boost/json.hpp>
#include <string>

#include "cli/commands.h"
#include "cli/output.h"
#include "server/catalog.h"

namespace larder::cli {

int list_operations(const std::string& format) {
  const std::string json = server::list_operations();
  if (format == "json") return print(json + "\n");
  std::string lines;
  for (const auto& operation : boost::json::parse(json).as_array()) {
    lines += operation.at("service").as_string();
    lines += ":";
    lines += operation.at("name").as_string();
    lines += "\n";
  }
  return print(lines);
}

}  // namespace larder::cli
