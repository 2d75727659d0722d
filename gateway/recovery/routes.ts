import { Router, json } from "express";
import type { ErrorRequestHandler, Request } from "express";
import { z } from "zod";
import { Problem, problemBody } from "#problem";
import type { ResourceRow, Store } from "#store";
import { StoreError } from "#store";
import type { Operator } from "./operator.ts";

const pageRows = 100;
const maxBodyBytes = 16 * 1024;

const asked = z.strictObject({ by: z.string().min(1).max(100) });
const settlement = z.strictObject({
  by: z.string().min(1).max(100).describe("Who decides: a person's account name."),
  reason: z.string().min(10).max(500).describe("Why this is the truth, e.g. the vendor's ticket."),
  status: z.string().min(1).max(32),
  changes: z.record(z.string(), z.unknown()).default({}),
});

/** The operators' list behind the admin door: what is stuck, what was quarantined, ask now, settle by hand. */
export function recoveryRoutes(store: Store, operator: Operator): Router {
  const router = Router();
  router.use(json({ limit: maxBodyBytes, strict: true }));
  router.get("/stuck", async (request, response) => {
    const rows = await store.stuck(pageOf(request));
    response.json({
      data: rows.map(({ resource, asks, lastAskedAtMs }) => ({
        ...view(resource),
        asks,
        lastAskedAt: new Date(lastAskedAtMs).toISOString(),
      })),
    });
  });
  router.get("/quarantine", async (request, response) => {
    const rows = await store.quarantined(pageOf(request));
    response.json({
      data: rows.map(({ request: _sealed, firstAtMs, lastAtMs, ...row }) => ({
        ...row,
        firstAt: new Date(firstAtMs).toISOString(),
        lastAt: new Date(lastAtMs).toISOString(),
      })),
    });
  });
  router.get("/resources/:id", async (request, response) => {
    const row = await store.resource(request.params.id);
    if (row === undefined) throw new Problem("resource_not_found");
    const transitions = await store.transitions(row.id);
    response.json({
      ...view(row),
      transitions: transitions.map(({ atMs, resourceId: _id, ...step }) => ({
        ...step,
        at: new Date(atMs).toISOString(),
      })),
    });
  });
  router.post("/resources/:id/ask", async (request, response) => {
    const { by } = parse(asked, request.body);
    response.json(view(await operator.ask(request.params.id, by)));
  });
  router.post("/resources/:id/settle", async (request, response) => {
    response.json(view(await operator.settle(request.params.id, parse(settlement, request.body))));
  });
  router.use(problems);
  return router;
}

/** No body: an operator settles by ids, statuses and the vendor's records, not by a customer's data. */
function view(row: ResourceRow): Record<string, unknown> {
  const { id, kind, partner, adapter, operationId, reference, status, version, cause } = row;
  const createdAt = new Date(row.createdAtMs).toISOString();
  return { id, kind, partner, adapter, operationId, reference, status, version, cause, createdAt };
}

function pageOf(request: Request): { limit: number; afterId?: string } {
  const { after } = request.query;
  return { limit: pageRows, ...(typeof after === "string" && after !== "" ? { afterId: after } : {}) };
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw new Problem("request_invalid", {
    errors: parsed.error.issues.map((issue) => ({ pointer: `/${issue.path.join("/")}`, detail: issue.message })),
  });
}

const problems: ErrorRequestHandler = (error, _request, response, _next) => {
  const problem = asProblem(error);
  response
    .status(problem.status)
    .type("application/problem+json")
    .send(JSON.stringify(problemBody(problem, "")));
};

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreError && error.code === "unknown_cursor") return new Problem("request_invalid");
  if (error instanceof StoreError) return new Problem("store_unavailable", { cause: error });
  if (error instanceof SyntaxError) return new Problem("body_malformed", { cause: error });
  return new Problem("internal_error", { cause: error });
}
