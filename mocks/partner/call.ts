/** `npm run call -- POST /v1/identity-checks '{…}'`: one signed call to the sandbox, shown as it happened. */
import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs, styleText } from "node:util";
import { AnswerNotTrusted, type Answered, partner } from "./client.ts";
import { SandboxUnusable, sandboxPartner } from "./sandbox.ts";

const usage = `Usage: npm run call -- METHOD PATH [BODY] [options]

  BODY              JSON text, or @file
  --partner NAME    which partner of the sandbox calls (default: a)
  --key KEY         Idempotency-Key (default for POST: a fresh one)
  --base            show the signature base
  --help            show this

  npm run call -- POST /v1/identity-checks '{"reference":"r-1"}'
  npm run call -- GET /v1/payments/pay_01JD9ZK3 --partner b

The sandbox is found in .sandbox, or in the folder that QIAO_SANDBOX_DIR names.
Exit code: 0 answered 2xx · 1 answered otherwise, or not trusted · 2 usage, or not reached`;

const exit = { ok: 0, problem: 1, notSent: 2 } as const;

/** Where `npm start` writes, whatever folder this is called from. */
const defaultFolder = fileURLToPath(new URL("../../.sandbox", import.meta.url));

class UsageError extends Error {}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly partner: string;
  readonly key: string | undefined;
  readonly base: boolean;
}

/** Makes the call and prints it; returns the exit code. */
async function run(args: string[], folder: string): Promise<number> {
  if (args.includes("--help")) {
    console.log(usage);
    return exit.ok;
  }
  const call = readCall(args);
  const us = partner(sandboxPartner(folder, call.partner));
  const answered = await us.request(call.method, call.path, {
    ...(call.body !== undefined && { body: call.body }),
    ...(call.key !== undefined && { idempotencyKey: call.key }),
  });
  us.close();
  console.log(render(answered, call.base));
  return answered.status >= 200 && answered.status < 300 ? exit.ok : exit.problem;
}

function readCall(args: string[]): Call {
  const options = {
    partner: { type: "string", default: "a" },
    key: { type: "string" },
    base: { type: "boolean" },
  } as const;
  const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true }));
  const [method = "", path = "", body] = positionals;
  if (positionals.length > 3 || !/^[A-Za-z]+$/.test(method)) throw new UsageError("METHOD PATH [BODY] are expected");
  if (!path.startsWith("/")) throw new UsageError("PATH starts with /");
  const text = body?.startsWith("@") ? parse(() => readFileSync(body.slice(1), "utf8")) : body;
  return {
    method: method.toUpperCase(),
    path,
    body: text,
    partner: values.partner,
    key: values.key,
    base: values.base ?? false,
  };
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const requestHeaders = /^(?:content-type|content-digest|idempotency-key|signature-input|signature)$/i;
const answerHeaders = new Set([
  "content-type",
  "location",
  "retry-after",
  "request-id",
  "idempotency-replayed",
  "ratelimit",
  "ratelimit-policy",
  "deprecation",
  "sunset",
]);

function render({ sent, status, headers, body, text, keyid, durationMs }: Answered, withBase: boolean): string {
  const line = ([name, value]: readonly [string, string]): string => `  ${dim(`${name.toLowerCase()}:`)} ${value}`;
  const pretty = body === undefined ? text : JSON.stringify(body, null, 2);
  return [
    `${sent.method} ${sent.url}`,
    ...sent.headers.filter(([name]) => requestHeaders.test(name)).map(line),
    ...(withBase ? ["", dim("signature base"), sent.base] : []),
    "",
    `${statusText(status)} ${dim(`· ${durationMs} ms`)}`,
    ...Object.entries(headers)
      .filter(([name]) => answerHeaders.has(name))
      .map(line),
    ...(pretty === "" ? [] : ["", pretty]),
    "",
    `answer signature: valid (key ${keyid})`,
  ].join("\n");
}

function statusText(status: number): string {
  const text = `${status} ${STATUS_CODES[status] ?? ""}`.trim();
  return styleText(status < 300 ? "green" : status < 500 ? "yellow" : "red", text, { stream: process.stdout });
}

function dim(text: string): string {
  return styleText("dim", text, { stream: process.stdout });
}

/** Says on stderr what to do about a failed call; returns the exit code. Defects go on up. */
function explain(error: unknown): number {
  if (error instanceof AnswerNotTrusted) {
    console.error(`${error.message}\n\n${error.text}`);
    return exit.problem;
  }
  if (error instanceof UsageError) console.error(`${error.message}\n\n${usage}`);
  else if (error instanceof SandboxUnusable) console.error(error.message);
  else if (isConnectionError(error))
    console.error(`the gateway was not reached (${error.message}); start the sandbox with: npm start`);
  else throw error;
  return exit.notSent;
}

function isConnectionError(error: unknown): error is Error {
  return error instanceof Error && ("code" in error || error.name === "TimeoutError");
}

process.exitCode = await run(process.argv.slice(2), process.env["QIAO_SANDBOX_DIR"] || defaultFolder).catch(explain);
