import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { parse } from "node:url";
import type { Express, Request, Response } from "express";
import * as OpenApiValidator from "express-openapi-validator";
import { checkSchemas, isBundleAsGenerated, operations, readRequestBundle } from "#specs";
import type { OperationSpec } from "#specs";
import { createMatcher } from "./match.ts";

type Middleware = (request: Request, response: Response, next: (error?: unknown) => void) => unknown;

/** Runs express-openapi-validator over one request; throws its error if the request breaks the contract. */
export type ContractCheck = (request: Request, response: Response) => Promise<void>;

let loading: Promise<ContractCheck> | undefined;

/** The contract's validators, loaded once for all gateways of this process. Throws if the contract cannot be used. */
export function loadContract(app: Express): Promise<ContractCheck> {
  loading ??= load(app);
  return loading;
}

/**
 * The library compiles an operation at its first request. That costs this request a few milliseconds, once; all of them at each
 * start would take longer than everything else. Whether they can be compiled is found out now.
 */
async function load(app: Express): Promise<ContractCheck> {
  const document = readRequestBundle();
  const checked = isBundleAsGenerated();
  if (!checked) checkSchemas(document);
  const paths = document["paths"] as Record<string, Record<string, { operationId?: string }> | undefined>;
  for (const [operationId, { method, path }] of Object.entries(operations)) {
    if (paths[path]?.[method.toLowerCase()]?.operationId !== operationId)
      throw new Error(`the contract has no ${operationId}`);
  }
  warnOfUrlParse();
  const middlewares = OpenApiValidator.middleware({
    apiSpec: document as never,
    validateApiSpec: !checked,
    validateRequests: { allErrors: false, allowUnknownQueryParameters: false },
    validateResponses: false,
    validateSecurity: false,
    // The library's own choice takes 30 February for a day.
    ajvFormats: { mode: "full" },
    fileUploader: false,
  }) as unknown as Middleware[];
  const check = matchedFirst(middlewares);
  // The library tells what it thinks of the document when it is first asked.
  await ask(app, check, operations["capabilities.list"]);
  return check;
}

/**
 * The library reads each URL by the deprecated `url.parse`, and Node looks through the whole stack each time for a caller that it
 * may warn, until it has warned one. It warns here, unheard.
 */
function warnOfUrlParse(): void {
  const { noDeprecation = false } = process;
  process.noDeprecation = true;
  parse("/");
  process.noDeprecation = noDeprecation;
}

/** What express-openapi-validator hangs on a request that it has matched; the same for each request of an operation. */
interface Matched {
  openapi?: { schema?: { operationId?: string }; pathParams?: Record<string, string> };
}

/**
 * The library matches a path against a pattern of each operation in turn, compiled anew for each request. Here this is done once
 * for an operation: what it found is kept, and later requests, matched by us, go straight to its request validator.
 */
function matchedFirst(middlewares: readonly Middleware[]): ContractCheck {
  const validate = middlewares.find(({ name }) => name === "requestMiddleware");
  if (validate === undefined) throw new Error("express-openapi-validator has no request middleware");
  const match = createMatcher();
  const known = new Map<string, NonNullable<Matched["openapi"]>>();
  return async (request: Request & Matched, response) => {
    const ours = match(request.method, request.path);
    const kept = ours && known.get(ours.operationId);
    if (ours !== undefined && kept !== undefined) {
      request.openapi = { ...kept, pathParams: ours.params };
      request.params = ours.params;
      return run(validate, request, response);
    }
    try {
      for (const middleware of middlewares) await run(middleware, request, response);
    } finally {
      const { openapi } = request;
      const operationId = openapi?.schema?.operationId;
      if (openapi !== undefined && operationId !== undefined && operationId === ours?.operationId) {
        known.set(operationId, openapi);
      }
    }
  };
}

function run(middleware: Middleware, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (error?: unknown) => (error === undefined || error === null ? resolve() : reject(error));
    Promise.resolve(middleware(request, response, next)).catch(reject);
  });
}

/** An empty request to the operation: it is taken, or refused with a 4xx. */
async function ask(
  app: Express,
  check: ContractCheck,
  { method, path }: Pick<OperationSpec, "method" | "path">,
): Promise<void> {
  const raw = new IncomingMessage(new Socket());
  raw.method = method;
  raw.url = path.replace(/\{[^}]+\}/g, "0");
  const request: Request = Object.setPrototypeOf(raw, app.request);
  request.originalUrl = raw.url;
  canonicalMediaType(request);
  const response: Response = Object.setPrototypeOf(new ServerResponse(raw), app.response);
  try {
    await check(request, response);
  } catch (error) {
    const { status } = error as { status?: unknown };
    if (typeof status !== "number" || status >= 500 || status === 404) throw error;
  }
}

/**
 * What the validator sees as Content-Type, once ours was judged: it keeps a compiled validator for each spelling that it is
 * shown, for ever, so it is shown one.
 */
export function canonicalMediaType(request: Request): void {
  if (request.method === "POST") request.headers["content-type"] = "application/json";
  else delete request.headers["content-type"];
}
