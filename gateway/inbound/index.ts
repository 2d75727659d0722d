/** The way in: from a socket to a signed answer. */
import type { Express, RequestHandler } from "express";
import type { Logger } from "pino";
import { operations } from "#specs";
import { Problem } from "#problem";
import { callOf } from "./call.ts";
import { loadContract } from "./contract.ts";
import { docs } from "./docs.ts";
import { explainSignature } from "./explain.ts";
import { identify } from "./identify.ts";
import { logCall } from "./log.ts";
import type { InboundMeasure } from "./log.ts";
import { inboundPipeline } from "./pipeline.ts";
import type { InboundPorts } from "./pipeline.ts";
import { answerProblem } from "./problem.ts";
import { receive } from "./receive.ts";
import { respond } from "./respond.ts";
import { strictApp } from "./server.ts";

export { localAnswers } from "./local.ts";
export { loadPartnerKeys } from "./partner-keys.ts";
export { createAdmission, neverOverloaded, shed } from "./overload/index.ts";
export type { OverloadLimits } from "./overload/index.ts";
export { quotasOf, refusalCounter } from "./throttle.ts";
export { AddressTaken, boundedServer, closeGracefully, listen } from "./server.ts";
export type { InboundPorts } from "./pipeline.ts";
export type { ServerLimits } from "./limits.ts";

export interface AppOptions extends Omit<InboundPorts, "contract"> {
  sandbox: boolean;
  logger: Logger;
  observe(measure: InboundMeasure): void;
  callbacks: RequestHandler;
  /** True from the first signal to stop. */
  draining(): boolean;
  probes: { livez: RequestHandler; readyz: RequestHandler };
}

/** The public app: signed calls and open routes, then what is neither, then the one error handler. */
export async function publicApp(options: AppOptions): Promise<Express> {
  const { responder } = options;
  const app = strictApp();
  const first = [identify, logCall(options.logger, options.observe), receive, refuseWhileDraining(options.draining)];
  const pipeline = inboundPipeline({ ...options, contract: await loadContract(app) }).map(([, stage]) => stage);
  app.use(signedCalls(inOrder([...first, ...pipeline])));
  app.get("/livez", options.probes.livez);
  app.get("/readyz", options.probes.readyz);
  app.use("/docs", await docs(responder.publicOrigin));
  app.use(inOrder(first));
  app.all("/callbacks/:adapter", options.callbacks);
  app.get(operations["keys.list"].path, async (_request, response) => {
    callOf(response).operationId = "keys.list";
    respond(responder, response, await options.local("keys.list"));
  });
  if (options.sandbox) {
    app.post(operations["signatureChecks.create"].path, explainSignature(options.verify, responder));
  }
  app.use(inOrder(pipeline));
  app.use(answerProblem(responder));
  return app;
}

/** Paths of the contract that are not signed, or not always. */
const openPaths: ReadonlySet<string> = new Set([
  operations["keys.list"].path,
  operations["signatureChecks.create"].path,
]);

/** The calls that nothing but the whole pipeline can answer, taken before Express matches their paths against each layer. */
function signedCalls(answer: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const { path } = request;
    if (path.startsWith("/v1/") && !openPaths.has(path)) return answer(request, response, next);
    next();
  };
}

/** Stages as one handler: Express would match the path anew for each of them. */
function inOrder(stages: readonly RequestHandler[]): RequestHandler {
  return (request, response, next) => {
    let at = 0;
    const goOn = (error?: unknown): void => {
      const stage = stages[at];
      if (error !== undefined || stage === undefined) return next(error);
      at += 1;
      try {
        const working: unknown = stage(request, response, goOn);
        if (working instanceof Promise) onFailure(working, goOn);
      } catch (thrown) {
        goOn(thrown);
      }
    };
    goOn();
  };
}

/** Without an async function, which would make a promise more for each stage. */
function onFailure(working: Promise<unknown>, fail: (error: unknown) => void): void {
  void working.then(undefined, fail);
}

function refuseWhileDraining(draining: () => boolean): RequestHandler {
  return (_request, response, next) => {
    if (!draining()) return next();
    response.setHeader("Connection", "close");
    throw new Problem("shutting_down", { retryAfterSeconds: 5 });
  };
}
