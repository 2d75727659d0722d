import type { RequestHandler } from "express";
import { operations } from "#specs";
import { Problem } from "#problem";
import { callOf, partnerOf } from "./call.ts";

/** Whether the partner's scopes cover the operation. Problem: `insufficient_scope`. Consents are checked by `operations`. */
export const authorize: RequestHandler = (request, _response, next) => {
  const call = callOf(request);
  const { scopes } = partnerOf(call);
  const operationId = call.operationId;
  if (operationId === undefined) throw new Error("authorize ran before validate");
  const { scope } = operations[operationId];
  if (scope !== undefined && !scopes.includes("*") && !scopes.includes(scope)) {
    throw new Problem("insufficient_scope", { detail: `Your registration lacks the scope ${scope}.` });
  }
  next();
};
