/** What the relay's tests stand on: the real store, endpoints that answer as told over real sockets, a relay in between. */
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { generateJwk, loadSignKey } from "#signature";
import { inMemory, openSqliteStore, sealer } from "#store";
import type { EndpointRow, EndpointSecret, Store } from "#store";
import { createGuard } from "./guard.ts";
import type { RelayLimits } from "./limits.ts";
import { startRelay } from "./relay.ts";
import type { AttemptReport, Relay } from "./relay.ts";
import { createSender } from "./send.ts";
import type { SenderOptions } from "./send.ts";

export const partner = "acme";
export const gatewayKey = await loadSignKey(await generateJwk());

/** One request as a sink got it. */
export interface Arrived {
  path: string;
  rawHeaders: string[];
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  atMs: number;
}

export interface Sink {
  origin: string;
  port: number;
  arrived: Arrived[];
  /** Connections made to it. */
  connections(): number;
}

type Answer = (response: http.ServerResponse, arrived: Arrived, nth: number) => void;

export const ok: Answer = (response) => void response.writeHead(204).end();
export const fail: Answer = (response) => void response.writeHead(500).end();
/** Takes the request and says nothing. */
export const hang: Answer = () => {};

/** An endpoint on 127.0.0.1, with TLS when a certificate is given. */
export async function openSink(answer: Answer, tls?: { key: string; cert: string }): Promise<Sink> {
  const arrived: Arrived[] = [];
  let connections = 0;
  const take: http.RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { url: path = "", rawHeaders, headers } = request;
    const one = { path, rawHeaders, headers, body: Buffer.concat(chunks), atMs: Date.now() };
    arrived.push(one);
    answer(response, one, arrived.length);
  };
  const server = tls === undefined ? http.createServer(take) : https.createServer(tls, take);
  server.on("connection", () => (connections += 1));
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    arrived,
    connections: () => connections,
  };
}

export async function openStore(path: string = inMemory): Promise<Store> {
  const key = Buffer.alloc(32, 7).toString("base64url");
  const store = await openSqliteStore({ path, sealer: sealer({ keys: [{ id: "k1", key }] }) });
  onTestFinished(() => store.close());
  return store;
}

/** Registers an endpoint; its id is `whe_<name>`. */
export async function register(
  store: Store,
  name: string,
  url: string,
  more: { secrets?: EndpointSecret[]; types?: string[] } = {},
): Promise<string> {
  const id = `whe_${name}`;
  await store.addEndpoint({ id, partner, url, types: ["*"], secrets: [], createdAtMs: Date.now(), ...more });
  return id;
}

/** A resource `<name>` with `count` movements, each with its event `evt_<name>-<version>`, versions from 2 on. */
export async function tell(store: Store, name: string, count = 1, type = "instalment.paid"): Promise<void> {
  const nowMs = Date.now();
  const id = `ins_${name}`;
  const operationId = "instalments.create";
  await store.begin({
    partner,
    key: name,
    operationId,
    fingerprint: "00",
    nowMs,
    claimExpiresAtMs: nowMs + 60_000,
    leaseUntilMs: nowMs + 60_000,
    resource: {
      id,
      kind: "instalments",
      partner,
      adapter: "x",
      operationId,
      reference: name,
      status: "unknown",
      body: {},
      createdAtMs: nowMs,
    },
  });
  for (let version = 2; version < count + 2; version += 1) {
    const event = { id: `evt_${name}-${version}`, type, data: { id, name: "王小明", version } };
    const move = { status: `step-${version}`, body: {}, cause: "callback", event };
    await store.advance({ id, expectedVersion: version - 1, nowMs: Date.now(), ...move });
  }
}

export interface Running {
  relay: Relay;
  reports: AttemptReport[];
  faults: unknown[];
}

/** Short pauses, so that a test sees several attempts. */
export const hasty: Partial<RelayLimits> = { retryDelaysMs: [20, 20, 20], attemptDeadlineMs: 400, pollEveryMs: 20 };

/** A relay in the sandbox's profile, stopped after the test. */
export function deliver(
  store: Store,
  limits: Partial<RelayLimits> = hasty,
  options: Partial<SenderOptions> & { store?: Partial<Store> } = {},
): Running {
  const { store: replaced, ...more } = options;
  const guard = createGuard({ allowLoopback: true });
  const { attemptDeadlineMs } = limits;
  const bound = attemptDeadlineMs === undefined ? {} : { attemptDeadlineMs };
  const sender = createSender({ guard, ...bound, ...more });
  const reports: AttemptReport[] = [];
  const faults: unknown[] = [];
  const relay = startRelay(
    {
      store: { ...store, ...replaced },
      sender,
      key: gatewayKey,
      now: () => new Date(),
      random: () => 0,
      onAttempt: (report) => reports.push(report),
      onFault: (_what, error) => faults.push(error),
    },
    limits,
  );
  onTestFinished(async () => {
    await relay.stop();
    await sender.close();
  });
  return { relay, reports, faults };
}

export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await sleep(5);
  }
}

export async function endpointOf(store: Store, id: string): Promise<EndpointRow> {
  const row = await store.endpoint(id);
  if (row === undefined) throw new Error(`no endpoint ${id}`);
  return row;
}

/** How an event stands with each endpoint. */
export async function statusOf(store: Store, eventId: string): Promise<string[]> {
  return (await store.deliveries(eventId)).map(({ status }) => status);
}

/** The ids of what a sink got. */
export function ids(arrived: readonly Arrived[]): unknown[] {
  return arrived.map(({ headers }) => headers["webhook-id"]);
}
