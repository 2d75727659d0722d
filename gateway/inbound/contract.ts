import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Express, Request, Response } from "express";
import * as OpenApiValidator from "express-openapi-validator";
import { operations, readRequestBundle } from "#specs";

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
 * Compiles every operation now: the library does so at an operation's first request, which would pay for it, and a broken
 * spec would show only then.
 */
async function load(app: Express): Promise<ContractCheck> {
  const middlewares = OpenApiValidator.middleware({
    apiSpec: readRequestBundle() as never,
    validateApiSpec: true,
    validateRequests: { allErrors: false, allowUnknownQueryParameters: false },
    validateResponses: false,
    validateSecurity: false,
    // The library's own choice takes 30 February for a day.
    ajvFormats: { mode: "full" },
    fileUploader: false,
  }) as unknown as Middleware[];
  const check: ContractCheck = async (request, response) => {
    for (const middleware of middlewares) await run(middleware, request, response);
  };
  for (const { method, path } of Object.values(operations)) await compile(app, check, method, path);
  return check;
}

function run(middleware: Middleware, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (error?: unknown) => (error === undefined || error === null ? resolve() : reject(error));
    Promise.resolve(middleware(request, response, next)).catch(reject);
  });
}

/** An empty request to the operation: it is refused with a 4xx, and the operation's validator is compiled. */
async function compile(app: Express, check: ContractCheck, method: string, path: string): Promise<void> {
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
