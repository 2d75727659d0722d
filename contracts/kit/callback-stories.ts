/** A resource that waits for a callback, and the callback that the vendor sent about it, kept back. */
import type { ResourceName } from "#specs";
import type { Sample } from "#mocks";
import type { SentCallback } from "../../mocks/faults/index.ts";
import { visit } from "../journeys/browser.ts";
import { until } from "./until.ts";
import type { Bench } from "./bench.ts";
import { creationOf, inParallel, prepare, send } from "./calls.ts";
import { KitError } from "./kit-error.ts";
import type { Prepared } from "./calls.ts";
import { buttonFor, pageIn } from "./customer.ts";
import { inWords } from "./findings.ts";
import type { KitGateway } from "./gateway.ts";
import { samplesOf } from "./samples.ts";
import { waysOf } from "./ways.ts";

const callbackWithinMs = 6_000;
/** What a creation needs is made for several stories at once: parents take their time. */
const readyAtOnce = 5;
/** Headers that say nothing of who sent it. */
const plain = new Set(["host", "content-type", "content-length", "user-agent", "accept", "connection", "date"]);
const maxParts = 30;

/** One step of a resource's, as operators see it. */
export interface Step {
  status: string;
  cause: string;
}

export interface CallbackStory {
  gateway: KitGateway;
  /** Whether it is the customer, on a page of the vendor's, who brings it about. */
  byCustomer: boolean;
  callback: SentCallback;
  /** Sends the callback, or another; the status that the vendor is answered. */
  deliver(callback?: SentCallback): Promise<number>;
  /** The resource's steps so far. */
  moves(): Promise<Step[]>;
}

/** The gateway of all stories: its clock may be moved without harm to other laws. */
export async function storyGateway(bench: Bench): Promise<KitGateway> {
  await waysOf(bench);
  return bench.shared("the gateway of callbacks", () => bench.gateway());
}

/** The request that creates what a callback will move, ready to be sent; callbacks are kept back from now on. */
export async function prepareStory(bench: Bench, capability: ResourceName): Promise<Prepared> {
  const creation = creationOf(capability);
  const sample: Sample = { ...samplesOf(bench, creation)[0], ...bench.facts().callbacks?.samples?.[capability] };
  const ready = await bench.shared(`stories of ${capability}`, () => Promise.resolve<Prepared[]>([]));
  if (ready.length === 0) {
    bench.layer.tap.release();
    const gateway = await storyGateway(bench);
    const some = Array.from({ length: readyAtOnce });
    ready.push(...(await inParallel(some, () => prepare(bench, gateway, creation, sample))));
  }
  bench.layer.tap.hold();
  return ready.pop() as Prepared;
}

/** Makes the resource and waits for the vendor's callback about it. */
export async function openStory(bench: Bench, capability: ResourceName): Promise<CallbackStory> {
  const gateway = await storyGateway(bench);
  const prepared = await prepareStory(bench, capability);
  const before = bench.layer.tap.sent.length;
  const { answer, said } = await send(bench, gateway, prepared);
  if (answer.status >= 300) throw new KitError(`${prepared.operationId} answered ${inWords(answer)}`);
  const page = pageIn(bench, said);
  const callback = page === undefined ? await sentAfter(bench, gateway, before) : await brought(bench, gateway, page);
  const id = String(said["id"]);
  return {
    gateway,
    byCustomer: page !== undefined,
    callback,
    deliver: async (other = callback) => (await bench.layer.tap.send(other)).status,
    moves: () => movesOf(gateway, id),
  };
}

/** What moved the resource, without what was only remembered of it. */
export async function movesOf(gateway: KitGateway, id: string): Promise<Step[]> {
  const { transitions = [] } = JSON.parse(await gateway.admin(`/recovery/resources/${id}`)) as {
    transitions?: { from: string | null; to: string; cause: string }[];
  };
  return transitions.filter(({ from, to }) => from !== to).map(({ to, cause }) => ({ status: to, cause }));
}

/** The first callback to this gateway that was sent after so many. Throws a `KitError` when none comes. */
export async function sentAfter(bench: Bench, gateway: KitGateway, before: number): Promise<SentCallback> {
  const find = (): SentCallback | undefined =>
    bench.layer.tap.sent.slice(before).find(({ url }) => url.startsWith(`${gateway.origin}/callbacks/`));
  await until("a callback", () => find() !== undefined, callbackWithinMs).catch(() => undefined);
  const found = find();
  if (found !== undefined) return found;
  const { adapter } = bench.mock;
  throw new KitError(`adapters/${adapter}/mock.ts: the vendor sent no callback; kit.callbacks.samples may name a case`);
}

/** The callback that the customer's browser carries: the vendor's page leads it to the gateway. */
async function brought(bench: Bench, gateway: KitGateway, page: string): Promise<SentCallback> {
  const before = bench.layer.tap.sent.length;
  const url = await visit(page, buttonFor(bench, "agrees"), (at) => at.startsWith(`${gateway.origin}/callbacks/`));
  if (url.startsWith(`${gateway.origin}/callbacks/`)) return { method: "GET", url, headers: {} };
  return sentAfter(bench, gateway, before);
}

/** The callback, changed in one part at a time. */
export function forgeries(callback: SentCallback): { what: string; callback: SentCallback }[] {
  const found: { what: string; callback: SentCallback }[] = [];
  const headers = Object.entries(callback.headers).filter(([name]) => !plain.has(name.toLowerCase()));
  for (const [name, value] of headers) {
    const { [name]: _gone, ...rest } = callback.headers;
    found.push({ what: `no ${name}`, callback: { ...callback, headers: rest } });
    found.push({ what: `another ${name}`, callback: { ...callback, headers: { ...rest, [name]: changed(value) } } });
  }
  const url = new URL(callback.url);
  for (const [name, value] of url.searchParams) {
    const other = new URL(url);
    other.searchParams.set(name, changed(value));
    found.push({ what: `another ${name}`, callback: { ...callback, url: other.href } });
  }
  const body = String(callback.body ?? "");
  if (body === "") return found.slice(0, maxParts);
  if (/x-www-form-urlencoded/.test(callback.headers["content-type"] ?? "")) {
    for (const [name, value] of new URLSearchParams(body)) {
      const form = new URLSearchParams(body);
      form.set(name, changed(value));
      found.push({ what: `another ${name}`, callback: { ...callback, body: form.toString() } });
    }
    return found.slice(0, maxParts);
  }
  for (const match of [...body.matchAll(/: ?"([^"]{2,})"/g)].slice(0, maxParts)) {
    const value = match[1] ?? "";
    const at = match.index + match[0].lastIndexOf(value);
    const text = body.slice(0, at) + changed(value) + body.slice(at + value.length);
    found.push({ what: "another value in its body", callback: { ...callback, body: text } });
  }
  return found.slice(0, maxParts);
}

/** The same text with another character in its middle: the last ones of a base64 may mean nothing. */
function changed(text: string): string {
  const at = Math.floor(text.length / 2);
  const other = text[at] === "1" ? "2" : "1";
  return text === "" ? "1" : text.slice(0, at) + other + text.slice(at + 1);
}
