// The pipeline's side of a Call: what serve() steps through, the same for every protocol.
#pragma once

#include "aws/audit.h"
#include "aws/authorizer.h"
#include "aws/context_keys.h"
#include "aws/operation.h"
#include "sigv4/canonical.h"

namespace larder::aws {

class PipelineCall : public Call {
 public:
  PipelineCall(const Authorizer& authorizer, AuditSink& audit, FactSource* facts_from,
               sigv4::Dialect dialect)
      : authorizer_(authorizer), audit_(audit), fact_source_(facts_from), dialect_(dialect) {}

  Task<Result<void>> admit(Needs needs) final;
  Result<void> authorize(Demand demand) final;

  RequestFacts request_facts;
  AuditEvent event;
  Effect effect = Effect::reads;

 private:
  Task<Result<void>> load_facts(const Needs& needs);
  Error denial(const Ruling& ruling) const;

  const Authorizer& authorizer_;
  AuditSink& audit_;
  FactSource* fact_source_;
  const sigv4::Dialect dialect_;
};

}  // namespace larder::aws
