import type { ErrorRequestHandler } from "express";
import { Problem, problemBody, problemHeaders } from "#problem";
import { StoreError } from "#store";
import { callOf } from "./call.ts";
import { respond } from "./respond.ts";
import type { Responder } from "./respond.ts";

/** The one error handler: RFC 9457, signed like every other answer. What is not a problem becomes `internal_error`. */
export const answerProblem =
  (responder: Responder): ErrorRequestHandler =>
  (error, _request, response, _next) => {
    const call = callOf(response);
    const problem = asProblem(error);
    call.log.code = problem.code;
    call.log.error ??= problem.cause ?? (error === problem ? undefined : error);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    respond(responder, response, {
      status: problem.status,
      contentType: "application/problem+json",
      headers: problemHeaders(problem),
      body: Buffer.from(JSON.stringify(problemBody(problem, call.requestId))),
    });
  };

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // A contradiction in what is stored does not go away by asking again.
  if (error instanceof StoreError && error.code !== "conflict")
    return new Problem("store_unavailable", { cause: error });
  // Express refuses malformed percent-encoding in a path before any stage sees it.
  if (error instanceof URIError) return new Problem("target_malformed", { cause: error });
  return new Problem("internal_error", { cause: error });
}
