// `larder operations`.
#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.h"
#include "server/catalog.h"

namespace larder::cli {

int list_operations(const std::string& format) {
  const std::string json = server::list_operations();
  if (format == "json") {
    std::cout << json << "\n";
    return 0;
  }
  for (const auto& operation : boost::json::parse(json).as_array())
    std::cout << operation.at("service").as_string().c_str() << ":"
              << operation.at("name").as_string().c_str() << "\n";
  return 0;
}

}  // namespace larder::cli
