/**
 * A partner of the gateway, played: signs what it sends, sends it over a socket, believes no answer that does not
 * verify.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { type Header, type Jwk, type Jwks, type Signed, checkAnswer, signAsPartner } from "./profile.ts";

export interface PartnerOptions {
  /** Where the gateway listens: `scheme://authority`. */
  readonly origin: string;
  /** The gateway's public origin when it differs, as behind a TLS terminator. */
  readonly publicOrigin?: string;
  /** The partner's private JWK with its `kid`, or a file that holds it. */
  readonly jwk?: Jwk;
  readonly keyFile?: string;
  /** The gateway's published keys. */
  readonly gatewayJwks: Jwks;
}

interface RequestOptions {
  /** An object is sent as JSON; text and bytes as they are. */
  readonly body?: unknown;
  /** Further headers; a name given here replaces ours. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent quoted. A POST without one gets a fresh UUID; `false` sends none. */
  readonly idempotencyKey?: string | false;
  /** Epoch seconds to sign with, and the nonce; now and fresh when absent. */
  readonly created?: number;
  readonly nonce?: string;
  /** Changes the request after it was signed. */
  readonly tamper?: (wire: Wire) => Wire;
  readonly deadlineMs?: number;
  /** Takes a 2xx that does not speak of our signature: the verdict of `POST /v1/signature-check` on an invalid one. */
  readonly unbound?: boolean;
}

/** A request as it goes to the socket. Content-Length is set afterwards. */
export interface Wire {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

export interface Answered {
  readonly status: number;
  /** Lower-case names; repeated fields joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly string[];
  /** Parsed when the answer is JSON; undefined otherwise. */
  readonly body: unknown;
  readonly text: string;
  /** Always true: an answer that does not verify is an AnswerNotTrusted. */
  readonly verified: true;
  /** The gateway's key that signed. */
  readonly keyid: string;
  readonly durationMs: number;
  readonly sent: Signed;
}

/** An answer that a partner must not act on. */
export class AnswerNotTrusted extends Error {
  override readonly name = "AnswerNotTrusted";
  readonly status: number;
  readonly text: string;
  constructor(reason: string, status: number, text: string) {
    super(`the answer (${status}) is not trusted: ${reason}`);
    this.status = status;
    this.text = text;
  }
}

export interface Partner {
  readonly keyid: string;
  request(method: string, path: string, options?: RequestOptions): Promise<Answered>;
  /** Closes idle connections. */
  close(): void;
}

const defaultDeadlineMs = 30_000;

/** A partner with its key, talking to one gateway over kept-alive connections. Throws when it has no usable key. */
export function partner(options: PartnerOptions): Partner {
  const jwk = options.jwk ?? readKey(options.keyFile);
  if (jwk.kid === undefined) throw new Error("the partner's JWK needs its kid");
  const { origin, publicOrigin = origin, gatewayJwks } = options;
  const agent = new (origin.startsWith("https:") ? https : http).Agent({ keepAlive: true });

  async function request(method: string, path: string, wanted: RequestOptions = {}): Promise<Answered> {
    const body = bytesOf(wanted.body);
    const headers = headersFor(publicOrigin, method, body, wanted);
    const { created, nonce } = wanted;
    const sent = signAsPartner({ method, url: publicOrigin + path, headers, body, jwk, created, nonce });
    const signed: Wire = { method, target: path, headers: sent.headers, body };
    const wire = wanted.tamper?.(signed) ?? signed;
    const startedMs = performance.now();
    const answer = await send(origin, wire, agent, wanted.deadlineMs ?? defaultDeadlineMs);
    const durationMs = Math.round(performance.now() - startedMs);
    const text = answer.body.toString();
    try {
      const received = { ...answer, headers: pairs(answer.rawHeaders) };
      const keyid = checkAnswer(received, asSent(sent, wire, publicOrigin), gatewayJwks, wanted.unbound);
      return { ...answer, ...readable(answer.rawHeaders, text), text, verified: true, keyid, durationMs, sent };
    } catch (error) {
      throw new AnswerNotTrusted(error instanceof Error ? error.message : String(error), answer.status, text);
    }
  }

  return { keyid: jwk.kid, request, close: () => agent.destroy() };
}

/** The answer speaks of the request that went out, which a tampering test has changed after signing. */
function asSent(signed: Signed, { method, target, headers }: Wire, publicOrigin: string): Signed {
  return { ...signed, method, url: target.startsWith("/") ? publicOrigin + target : target, headers };
}

function readKey(keyFile: string | undefined): Jwk {
  if (keyFile === undefined) throw new Error("a partner needs jwk or keyFile");
  return JSON.parse(readFileSync(keyFile, "utf8")) as Jwk;
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

function headersFor(publicOrigin: string, method: string, body: Buffer, wanted: RequestOptions): Header[] {
  const key = wanted.idempotencyKey ?? (method === "POST" ? randomUUID() : false);
  const given = Object.entries(wanted.headers ?? {});
  const ours: Header[] = [
    ["Host", new URL(publicOrigin).host],
    ...(body.length > 0 ? [["Content-Type", "application/json"] as const] : []),
    ...(key === false ? [] : [["Idempotency-Key", `"${key}"`] as const]),
  ];
  const replaced = new Set(given.map(([name]) => name.toLowerCase()));
  return [...ours.filter(([name]) => !replaced.has(name.toLowerCase())), ...given];
}

/** Sends exactly these headers, doubled ones included, plus Content-Length for a body. */
function send(
  origin: string,
  wire: Wire,
  agent: http.Agent,
  deadlineMs: number,
): Promise<{ status: number; rawHeaders: string[]; body: Buffer }> {
  const { hostname, port, protocol } = new URL(origin);
  const length: Header[] = wire.body.length > 0 ? [["Content-Length", String(wire.body.length)]] : [];
  const headers = [...wire.headers, ...length].flat();
  const signal = AbortSignal.timeout(deadlineMs);
  const options = { hostname, port, method: wire.method, path: wire.target, headers, agent, signal };
  return new Promise((resolve, reject) => {
    const request = (protocol === "https:" ? https : http).request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, rawHeaders: answer.rawHeaders, body: Buffer.concat(chunks) });
      });
    });
    request.on("error", reject);
    request.end(wire.body);
  });
}

function pairs(rawHeaders: readonly string[]): Header[] {
  return rawHeaders.flatMap((name, i): Header[] => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? ""]] : []));
}

function readable(rawHeaders: readonly string[], text: string): { headers: Record<string, string>; body: unknown } {
  const headers: Record<string, string> = {};
  for (const [name, value] of pairs(rawHeaders)) {
    const known = headers[name.toLowerCase()];
    headers[name.toLowerCase()] = known === undefined ? value : `${known}, ${value}`;
  }
  const json = /^application\/(?:[\w.-]+\+)?json\b/.test(headers["content-type"] ?? "") && text !== "";
  return { headers, body: json ? (JSON.parse(text) as unknown) : undefined };
}
