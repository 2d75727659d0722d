/** A bench with a memory: fires operations, collects what is shown, keeps fixtures when asked to. */
import type { OperationId } from "#capability";
import { operations } from "#specs";
import { loadSpec } from "../../../mocks/harness/spec.ts";
import { idleConfig } from "../fixtures/adapter-under-test.ts";
import { writeFixture } from "../fixtures/fixture.ts";
import { recordFixture } from "../fixtures/record.ts";
import type { ReceivedCallback, Served } from "../fixtures/watched.ts";
import { startBench } from "./bench.ts";
import type { Bench } from "./bench.ts";
import { maskOf } from "./curl.ts";
import { filledIn, fireable } from "./examples.ts";
import type { Fireable, Made } from "./examples.ts";
import { shownCallback, shownMapping, shownTurns, violationsOf } from "./show.ts";
import type { Looking, Shown } from "./show.ts";

const maxShown = 200;
const notAsked =
  "not recorded: the gateway answered from its store. Fire a creation before it that is still open then: --body with a magic value whose callback does not come";

export interface SessionOptions {
  adaptersDir: string;
  name: string;
  against?: unknown;
  publicOrigin?: string;
  port?: number;
  record: boolean;
  /** Told of everything that is shown, as it happens. */
  onShown?(shown: Shown): void;
}

export interface FireInput {
  operation: string;
  body?: unknown;
  path?: Record<string, string>;
  query?: Record<string, string>;
}

export interface Session {
  title: string;
  vendor: string;
  operations: Fireable[];
  unsupported: readonly { operation: string; why: string }[];
  shown: readonly Shown[];
  /** Fires one operation through the gateway. Throws for one that the adapter does not map. */
  fire(input: FireInput): Promise<Shown>;
  stop(): Promise<void>;
}

export async function openSession(options: SessionOptions): Promise<Session> {
  const shown: Shown[] = [];
  const made: Made = new Map();
  let collecting: Served[] | undefined;
  let count = 0;
  let looking: Looking | undefined;
  const keep = (each: Shown): Shown => {
    shown.push(each);
    if (shown.length > maxShown) shown.shift();
    options.onShown?.(each);
    return each;
  };
  const sink = {
    served(served: Served): void {
      if (collecting !== undefined) collecting.push(served);
      else if (looking !== undefined) keep(ownAsk((count += 1), served, looking));
    },
    callback(callback: ReceivedCallback): void {
      if (looking !== undefined) keep(shownCallback((count += 1), new Date(), callback, looking));
    },
  };
  const bench = await startBench({ ...options, sink });
  looking = {
    mask: maskOf(bench.config),
    spec: loadSpec(bench.manifest.spec),
    mock: bench.mock,
  };
  const looked = looking;
  const known = fireable(bench.manifest);

  async function fire(input: FireInput): Promise<Shown> {
    const entry = known.find(({ operation }) => operation === input.operation);
    if (entry === undefined) throw new Error(notFireable(bench, known, input.operation));
    const { operation, method, examples } = entry;
    const { target, body } = filledIn(operation, { ...input, body: input.body ?? examples[0]?.body }, made);
    const before = bench.mock?.violations.length ?? 0;
    const served: Served[] = (collecting = []);
    const answer = await bench.partner
      .request(method, target, body === undefined ? {} : { body })
      .finally(() => (collecting = undefined));
    const id = (answer.body as { id?: unknown } | undefined)?.id;
    const { resource } = operations[operation];
    if (operations[operation].creates && resource !== undefined && typeof id === "string") made.set(resource, id);
    const note = options.record ? await record(operation, served) : undefined;
    return keep({
      id: (count += 1),
      at: new Date().toISOString(),
      kind: "operation",
      title: operation,
      asked: `${method} ${target}\n${body === undefined ? "" : JSON.stringify(body, undefined, 2)}`,
      turns: served.flatMap(({ turns }) => shownTurns(turns, looked)),
      mappings: served.map((each) => shownMapping(each, looked)),
      answered: {
        status: answer.status,
        body: answer.body === undefined ? answer.text : JSON.stringify(answer.body, undefined, 2),
      },
      violations: violationsOf(served, before, looked),
      ...(note === undefined ? {} : { note }),
    });
  }

  async function record(operation: OperationId, served: readonly Served[]): Promise<string> {
    const own = served.find(({ operationId }) => operationId === operation);
    if (own === undefined) return notAsked;
    const { manifest } = bench;
    try {
      const source = options.against === undefined ? "mock" : "sandbox";
      const idle = (): Promise<unknown> => idleConfig(options.adaptersDir, options.name, manifest);
      const replayConfigs = [await idle(), await idle()] as const;
      const fixture = await recordFixture(own, { manifest, replayConfigs, source, now: new Date() });
      return `recorded, scrubbed: ${await writeFixture(options.adaptersDir, fixture)}`;
    } catch (error) {
      return `not recorded: ${error instanceof Error ? error.message : "unknown"}`;
    }
  }

  return {
    title: bench.manifest.title,
    vendor: bench.mock?.origin ?? "a real sandbox",
    operations: known,
    unsupported: bench.manifest.unsupported,
    shown,
    fire,
    stop: () => bench.stop(),
  };
}

/** What the gateway asked the vendor by itself: about something open. */
function ownAsk(id: number, served: Served, looking: Looking): Shown {
  return {
    id,
    at: new Date().toISOString(),
    kind: "operation",
    title: `${served.operationId} · the gateway asked by itself`,
    asked: served.call.resource === undefined ? "" : `about ${served.call.resource.id}, ${served.call.resource.status}`,
    turns: shownTurns(served.turns, looking),
    mappings: [shownMapping(served, looking)],
    violations: violationsOf([served], looking.mock?.violations.length ?? 0, looking),
  };
}

function notFireable(bench: Bench, known: readonly Fireable[], operation: string): string {
  const why = bench.manifest.unsupported.find((line) => line.operation === operation)?.why;
  if (why !== undefined) return `${operation} is unsupported: ${why}`;
  const names = known.map((each) => each.operation).join(", ");
  return `${bench.manifest.name} does not map ${operation}; it maps ${names === "" ? "nothing yet" : names}`;
}
