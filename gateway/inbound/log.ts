import type { RequestHandler } from "express";
import type { Logger } from "pino";
import { Fault } from "#capability";
import { Problem } from "#problem";
import { callOf } from "./call.ts";

export interface InboundMeasure {
  /** The contract's operation, or `none`. */
  operation: string;
  status: number;
  durationMs: number;
  outcome: string;
}

/**
 * One line a call when its answer has left, built from named fields only: nothing of a body, a query or a header gets in.
 */
export const logCall =
  (logger: Logger, observe: (measure: InboundMeasure) => void): RequestHandler =>
  (request, response, next) => {
    const call = callOf(request);
    response.once("close", () => {
      const durationMs = Math.round((performance.now() - call.startedMs) * 10) / 10;
      const operation = call.operationId ?? "none";
      const status = response.writableFinished ? response.statusCode : 499;
      const ended = response.writableFinished ? "done" : "disconnected";
      observe({ operation, status, durationMs, outcome: call.log.outcome ?? call.log.code ?? ended });
      const line = {
        requestId: call.requestId,
        traceId: call.traceparent.slice(3, 35),
        partner: call.verified?.partner.id,
        operation,
        adapter: call.log.adapter,
        outcome: call.log.outcome,
        code: call.log.code,
        vendorCode: call.log.vendorCode,
        replayed: call.log.replayed,
        status,
        durationMs,
      };
      if (status === 500) logger.error({ ...line, ...reason(call.log.error) }, "call");
      else if (status > 500 || call.log.error !== undefined)
        logger.warn({ ...line, ...reason(call.log.error) }, "call");
      else logger.info(line, "call");
    });
    next();
  };

/** Why, for operators: our own words for faults and problems; of anything else the type and where, not the message. */
function reason(error: unknown): { reason?: string; at?: string | undefined } {
  if (error instanceof Fault) {
    const inner = error.cause === undefined ? {} : reason(error.cause);
    return { ...inner, reason: error.message };
  }
  if (error instanceof Problem) return { reason: error.code };
  if (!(error instanceof Error)) return {};
  return {
    reason: error.name,
    at: error.stack
      ?.split("\n")
      .find((line) => line.trim().startsWith("at "))
      ?.trim(),
  };
}
