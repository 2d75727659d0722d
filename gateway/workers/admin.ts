/** The operators' door of several workers: each is asked, and their answers become one. */
import express from "express";
import type { Express, RequestHandler, Response } from "express";
import { AggregatorRegistry } from "prom-client";
import type { MetricObject, Registry } from "prom-client";
import type { AdminAnswer, AdminAsk } from "./admin-ask.ts";
import { askTimeoutMs, maxAdminBodyBytes, recoveryTimeoutMs } from "./limits.ts";
import type { Pool, PooledWorker } from "./pool.ts";

/** A worker and its answer; undefined when it gave none in time. */
interface Asked {
  worker: PooledWorker;
  answer: AdminAnswer | undefined;
}

export function poolAdmin(pool: Pick<Pool, "workers">, own: Registry, draining: () => boolean): Express {
  const app = express();
  app.set("x-powered-by", false);
  app.set("etag", false);

  /** Those that take connections; one that starts has nothing to say yet. */
  const serving = (): PooledWorker[] => pool.workers().filter(({ state }) => state !== "starting");
  const askAll = (target: string): Promise<Asked[]> =>
    Promise.all(serving().map(async (worker) => ({ worker, answer: await answerOf(worker, target) })));

  app.get("/livez", async (_request, response) => {
    const asked = await askAll("/livez");
    const silent = asked.filter(({ answer }) => answer?.status !== 200);
    response.status(silent.length === 0 ? 200 : 503).json({
      status: silent.length === 0 ? "ok" : "not answering",
      workers: pool.workers().map(({ id, pid, state }) => ({
        worker: id,
        pid,
        state: silent.some(({ worker }) => worker.id === id) ? "silent" : state,
      })),
    });
  });

  app.get("/readyz", async (_request, response) => {
    const asked = await askAll("/readyz");
    const unready = asked.flatMap(({ answer }) => (answer?.status === 200 ? [] : [reasonIn(answer)]));
    const reason = draining() ? "draining" : asked.length === 0 ? "no worker is up" : unready[0];
    const workers = { serving: asked.length, ready: asked.length - unready.length };
    response
      .status(reason === undefined ? 200 : 503)
      .json(reason === undefined ? { status: "ready", workers } : { status: "not ready", reason, workers });
  });

  app.get("/metrics", async (_request, response) => {
    const asked = await askAll("/metrics.json");
    const told = asked.flatMap(({ answer }) =>
      answer?.status === 200 ? [JSON.parse(answer.body) as MetricObject[]] : [],
    );
    const all = AggregatorRegistry.aggregate([await own.getMetricsAsJSON(), ...told]);
    response.set("Content-Type", all.contentType);
    response.end(await all.metrics());
  });

  const merged: RequestHandler = async (request, response) => {
    const asked = await askAll(request.originalUrl);
    const data = asked.flatMap(({ worker, answer }) =>
      answer?.status === 200 ? rowsIn(answer).map((row) => ({ ...row, worker: worker.id })) : [],
    );
    const silent = asked.filter(({ answer }) => answer === undefined).map(({ worker }) => worker.id);
    response.json({ data, ...(silent.length === 0 ? {} : { silentWorkers: silent }) });
  };
  app.get("/breakers", merged);
  app.get("/transcripts/:requestId", merged);

  // What it shows is in the store that they share, so one of them answers.
  app.use("/recovery", express.text({ type: () => true, limit: maxAdminBodyBytes }), async (request, response) => {
    const worker = serving().find(({ state }) => state === "ready") ?? serving()[0];
    const body = typeof request.body === "string" ? { body: request.body } : {};
    const { method, originalUrl: target, headers } = request;
    const ask = { method, target, contentType: headers["content-type"], ...body };
    relay(response, worker && (await answerOf(worker, ask, recoveryTimeoutMs)));
  });
  return app;
}

async function answerOf(
  { line }: PooledWorker,
  ask: string | AdminAsk,
  timeoutMs = askTimeoutMs,
): Promise<AdminAnswer | undefined> {
  const input = typeof ask === "string" ? { method: "GET", target: ask } : ask;
  return line.ask("admin", input, timeoutMs).then(
    (answer) => answer as AdminAnswer,
    () => undefined,
  );
}

function relay(response: Response, answer: AdminAnswer | undefined): void {
  if (answer === undefined) response.status(503).json({ status: "no worker answers" });
  else response.status(answer.status).set("Content-Type", answer.contentType).end(answer.body);
}

function reasonIn(answer: AdminAnswer | undefined): string {
  if (answer === undefined) return "a worker does not answer";
  return (JSON.parse(answer.body) as { reason?: string }).reason ?? "not ready";
}

function rowsIn({ body }: AdminAnswer): object[] {
  return (JSON.parse(body) as { data: object[] }).data;
}
