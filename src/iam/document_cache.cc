#include "iam/document_cache.h"

#include <mutex>

#include "iam/model.h"

namespace larder::iam {

std::shared_ptr<const policy::Document> DocumentCache::find(std::string_view text) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = documents_.find(text); found != documents_.end()) return found->second;
  }
  auto compiled = compile(std::string(text), policy::Kind::session);
  const std::unique_lock lock(mutex_);
  if (documents_.size() >= documents_count) documents_.clear();
  documents_.emplace(std::move(compiled.text), compiled.document);
  return compiled.document;
}

}  // namespace larder::iam
