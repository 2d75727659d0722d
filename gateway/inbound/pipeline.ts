import type { RequestHandler } from "express";
import { admit } from "./admit.ts";
import { authorize } from "./authorize.ts";
import type { ContractCheck } from "./contract.ts";
import { deduplicate } from "./deduplicate.ts";
import { dispatch } from "./dispatch.ts";
import type { LocalAnswers } from "./local.ts";
import type { Responder } from "./respond.ts";
import { throttle } from "./throttle.ts";
import { validate } from "./validate.ts";
import { verify } from "./verify.ts";
import type { VerifyPorts } from "./verify.ts";
import type { Operations } from "../operations/index.ts";

export interface InboundPorts {
  contract: ContractCheck;
  verify: VerifyPorts;
  operations: Operations;
  local: LocalAnswers;
  responder: Responder;
}

/**
 * A partner's request from stage to stage, in this order; `identify`, `log` and `receive` ran before (they serve the open
 * routes too), and whatever a stage throws goes to `problem`.
 */
export function inboundPipeline(ports: InboundPorts): readonly (readonly [name: string, stage: RequestHandler])[] {
  return [
    ["verify", verify(ports.verify)],
    ["throttle", throttle(ports.verify.quotas)],
    ["admit", admit(ports.responder.evidence)],
    ["validate", validate(ports.contract)],
    ["authorize", authorize],
    ["deduplicate", deduplicate(ports)],
    ["dispatch", dispatch(ports)],
  ];
}
