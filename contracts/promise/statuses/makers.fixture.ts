/**
 * How each documented status is brought about, for any operation: by misuse, by what the vendor is told to say, by a defect.
 * Makers of a status are tried in turn until one brings it about, so that a new operation needs no line here.
 */
import { randomUUID } from "node:crypto";
import { operations, problems } from "#specs";
import type { OperationId, ProblemCode } from "#specs";
import type { Answered, Partner, Wire } from "../../../mocks/partner/client.ts";
import { raw, requestBytes } from "../../road/socket.fixture.ts";
import type { RawAnswer } from "../../road/socket.fixture.ts";
import type { Good } from "./requests.fixture.ts";
import { publicOrigin } from "./world.fixture.ts";
import type { World } from "./world.fixture.ts";

export type Produced = Pick<Answered, "status" | "headers" | "body">;
export type Maker = (world: World, id: OperationId) => Promise<Produced | undefined>;

const twins = 12;
const twinAttempts = 25;
const oversizedBytes = 300_000;
const oversizedHeaderBytes = 17_000;
const patienceMs = 6_000;
const rateWindowRequests = 10;

type Options = NonNullable<Parameters<Partner["request"]>[2]>;

/** Sends a good request; `more` spoils it. Of unsigned operations the answer is not bound to a signature. */
export function send(caller: Partner, id: OperationId, good: Good, more: Options = {}): Promise<Answered> {
  const { signed, idempotent } = operations[id];
  const body = good.body === undefined ? {} : { body: good.body };
  const key = idempotent ? {} : { idempotencyKey: false as const };
  return caller.request(good.method, good.target, { ...body, ...key, ...(signed ? {} : { unbound: true }), ...more });
}

const good: Maker = async ({ callers, requests }, id) => send(callers.full, id, await requests.good(id));

/** The vendor says one thing while this call lasts. */
const withVendor =
  (line: { code?: string; delayMs?: number }): Maker =>
  async (world, id) => {
    if (operations[id].answeredBy !== "adapter") return undefined;
    const request = await world.requests.good(id);
    world.vendor.script.set(id, line);
    try {
      return await send(world.callers.full, id, request);
    } finally {
      world.vendor.script.delete(id);
    }
  };

/** The first of the catalogue's codes with this status that is a vendor's to say. */
function vendorSays(status: number): Maker {
  const codes = (Object.keys(problems) as ProblemCode[]).filter((code) => problems[code].status === status);
  const code = codes.find((each) => problems[each].origin !== "partner") ?? codes[0];
  if (code === undefined) throw new Error(`the catalogue has no ${status}`);
  return withVendor({ code });
}

const unsigned = (wire: Wire): Wire => ({
  ...wire,
  headers: wire.headers.filter(([name]) => !/^signature/i.test(name)),
});

const asRead = ({ status, headers, body }: RawAnswer): Produced => ({
  status,
  headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
  body: body.length === 0 ? undefined : (JSON.parse(body.toString()) as unknown),
});

/** Bytes of one's own; the answer is the first one that comes. */
const bytes =
  (make: (good: Good, host: [string, string]) => Parameters<typeof raw>[1]): Maker =>
  async ({ gateway, requests }, id) => {
    const request = await requests.good(id);
    const pieces = make(request, ["Host", new URL(publicOrigin).host]);
    const { answers } = await raw(gateway.origin, pieces, { answers: 1, patienceMs });
    return answers[0] === undefined ? undefined : asRead(answers[0]);
  };

const unknownIds = (text: string): string => text.replace(/\b([a-z]{3})_[A-Za-z0-9]{20,}/g, `$1_${"0".repeat(24)}`);

/** Every status that an operation may document, and the ways to it. */
export const makers: Readonly<Record<number, readonly Maker[]>> = {
  200: [good],
  201: [good],
  202: [withVendor({ code: "LOST" }), good],
  400: [
    async ({ callers, requests }, id) => {
      const request = await requests.good(id);
      const target = `${request.target}${request.target.includes("?") ? "&" : "?"}nobodyKnows=1`;
      return send(callers.full, id, { ...request, target });
    },
    bytes(({ method, target }, host) =>
      requestBytes(method, target, [host, ["Transfer-Encoding", "chunked"]], Buffer.from("0\r\n\r\n")),
    ),
  ],
  401: [async ({ callers, requests }, id) => send(callers.full, id, await requests.good(id), { tamper: unsigned })],
  403: [async ({ callers, requests }, id) => send(callers.poor, id, await requests.good(id))],
  404: [
    async ({ callers, requests }, id) => {
      const { method, target, body } = await requests.good(id);
      const other = body === undefined ? {} : { body: JSON.parse(unknownIds(JSON.stringify(body))) as unknown };
      return send(callers.full, id, { method, target: unknownIds(target), ...other });
    },
  ],
  408: [bytes(({ method, target }) => `${method} ${target} HTTP/1.1\r\nHost: `)],
  409: [
    async ({ callers, requests, vendor }, id) => {
      if (!operations[id].idempotent) return undefined;
      // Where no vendor is waited for, twins may miss each other.
      for (let attempt = 1; attempt <= twinAttempts; attempt += 1) {
        const request = await requests.good(id, "twins");
        const idempotencyKey = randomUUID();
        vendor.script.set(id, { delayMs: 100 });
        const sent = Array.from({ length: twins }, () => send(callers.full, id, request, { idempotencyKey }));
        const answers = await Promise.all(sent).finally(() => vendor.script.delete(id));
        const refused = answers.find(({ status }) => status === 409);
        if (refused !== undefined) return refused;
      }
      return undefined;
    },
    vendorSays(409),
  ],
  413: [bytes(({ method, target }, host) => requestBytes(method, target, [host], Buffer.alloc(oversizedBytes, 32)))],
  415: [
    async ({ callers, requests }, id) =>
      send(callers.full, id, await requests.good(id), { headers: { "Content-Encoding": "gzip" } }),
  ],
  422: [
    async ({ callers, requests }, id) => {
      if (!operations[id].idempotent) return undefined;
      return send(callers.full, id, await requests.good(id), { idempotencyKey: await requests.spentKey() });
    },
    vendorSays(422),
  ],
  429: [
    async ({ callers, requests }, id) => {
      const request = await requests.good(id);
      for (let nth = 0; nth <= rateWindowRequests; nth += 1) {
        const answer = await send(callers.hasty, id, request, { idempotencyKey: randomUUID() });
        if (answer.status === 429) return answer;
      }
      return undefined;
    },
  ],
  431: [
    bytes(({ method, target }, host) => requestBytes(method, target, [host, ["X", "a".repeat(oversizedHeaderBytes)]])),
  ],
  502: [vendorSays(502)],
  503: [vendorSays(503)],
  504: [vendorSays(504)],
};

/** 500: a defect of the gateway's own. One at a time: the next look at the clock is anybody's. */
export const defect: Maker = async (world, id) => {
  const request = await world.requests.good(id);
  world.breakOnce();
  return send(world.callers.full, id, request);
};

/** 503 while the gateway stops: requests that were begun before and end after it was told to. */
export async function whileStopping(world: World, ids: readonly OperationId[]): Promise<Map<OperationId, Produced>> {
  const produced = new Map<OperationId, Produced>();
  const asked = ids.map(async (id) => {
    const { method, target } = await world.requests.good(id);
    const [begun, ended] = [`${method} ${target} HTTP/1.1\r\n`, `Host: ${new URL(publicOrigin).host}\r\n\r\n`];
    const pieces = [begun, { pauseMs: 2 * stopAfterMs }, ended];
    const { answers } = await raw(world.gateway.origin, pieces, { answers: 1, patienceMs });
    if (answers[0] !== undefined) produced.set(id, asRead(answers[0]));
  });
  setTimeout(() => void world.drain(), stopAfterMs);
  await Promise.all(asked);
  return produced;
}

/** Twice this is less than the time that a request's header may take. */
const stopAfterMs = 400;
