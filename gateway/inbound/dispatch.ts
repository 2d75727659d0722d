import type { RequestHandler } from "express";
import { operations } from "#specs";
import type { Operations } from "../operations/index.ts";
import { callOf, partnerOf } from "./call.ts";
import type { LocalAnswers } from "./local.ts";
import { respond } from "./respond.ts";
import type { Responder } from "./respond.ts";

/** Operation → capability → adapter; or an answer of the gateway's own. */
export const dispatch =
  (ports: { operations: Operations; local: LocalAnswers; responder: Responder }): RequestHandler =>
  async (request, response) => {
    const call = callOf(request);
    const { operationId, intent, claim } = call;
    if (operationId === undefined) throw new Error("dispatch ran before validate");
    if (operations[operationId].answeredBy === "gateway") {
      const input = { path: call.path, query: call.query, body: call.json };
      const own = { partner: partnerOf(call).id, input, ...(claim === undefined ? {} : { claim }) };
      const answer = () => ports.local(operationId, own);
      respond(ports.responder, response, await (claim === undefined ? answer() : ports.operations.run(claim, answer)));
      return;
    }
    const answer =
      intent === undefined
        ? await ports.operations.read(
            {
              partner: partnerOf(call).id,
              operationId,
              input: { path: call.path, query: call.query, body: call.json },
              requestId: call.requestId,
              traceparent: call.traceparent,
            },
            call.log,
          )
        : await ports.operations.perform(intent, call.log);
    respond(ports.responder, response, answer);
  };
