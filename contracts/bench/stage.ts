/** What a measurement stands on: the vendor, the load, and builds that were seen to answer a real partner's client rightly. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partner } from "../../mocks/partner/client.ts";
import { freePort } from "../../mocks/sandbox/ports.ts";
import type { BuildMessage, Usage } from "./builds/main.ts";
import { newJwk, publicJwk } from "./builds/keys.ts";
import type { BuildOptions } from "./builds/types.ts";
import { cores, startChild } from "./child.ts";
import type { Child } from "./child.ts";
import { createPath, listPath, orderBody } from "./exchange.ts";
import type { Build, Workload } from "./exchange.ts";
import type { RoundFigures } from "./load/main.ts";
import type { RoundOptions } from "./load/round.ts";

/** Partners among whom the load is spread: one key may use so many nonces a minute and no more. */
const partnerCount = 16;
/** Requests signed beforehand for a closed round, for each second of it: more than one core answers. */
const signedPerSecond = 6_000;

export interface StartedBuild {
  build: Build;
  port: number;
  publicOrigin: string;
  child: Child;
  say<Answer>(message: BuildMessage): Promise<Answer>;
}

export type Round = Pick<RoundOptions, "workload" | "connections" | "seconds"> & Partial<RoundOptions>;

/** A round's figures with what the build used for it. */
export interface Measured extends RoundFigures {
  usage: Usage;
}

export interface Stage {
  dir: string;
  partners: BuildOptions["partners"];
  vendor: BuildOptions["vendor"];
  start(build: Build, nodeArgs?: readonly string[]): Promise<StartedBuild>;
  /** One round, with nothing measured. */
  load(on: Pick<StartedBuild, "port" | "publicOrigin">, round: Round): Promise<RoundFigures>;
  /** The same, with the difference of the build's usage. */
  measure(on: StartedBuild, round: Round): Promise<Measured>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), "qiao-bench-"));
  const log = (name: string): string => join(dir, `${name}.log`);
  const secret = randomBytes(24).toString("base64url");
  const children: Child[] = [];
  const keep = (child: Child): Child => {
    children.push(child);
    return child;
  };
  const vendorChild = keep(startChild("./vendor.ts", { core: cores.around, log: log("vendor"), args: [secret] }));
  const { port: vendorPort } = await vendorChild.first<{ port: number }>();
  const loadChild = keep(startChild("./load/main.ts", { core: cores.around, log: log("load") }));
  const partners = await Promise.all(
    Array.from({ length: partnerCount }, async (_, index) => ({ id: `partner-${index}`, jwk: await newJwk() })),
  );
  const vendor = { origin: `http://127.0.0.1:${vendorPort}`, secret };
  const stage: Stage = {
    dir,
    partners,
    vendor,
    async start(build, nodeArgs = []) {
      const port = await freePort("127.0.0.1");
      const publicOrigin = `http://127.0.0.1:${port}`;
      const child = keep(startChild("./builds/main.ts", { core: cores.build, log: log(build), nodeArgs }));
      const signing = await newJwk();
      const own = join(dir, `${build}-${port}`);
      await mkdir(own);
      await child.ask({ kind: "start", build, options: { port, publicOrigin, partners, signing, vendor, dir: own } });
      const started = { build, port, publicOrigin, child, say: <A>(message: BuildMessage) => child.ask<A>(message) };
      await prove(started, { ...partners[0], gatewayJwks: { keys: [publicJwk(signing)] } });
      return started;
    },
    load: ({ port, publicOrigin }, round) =>
      loadChild.ask<RoundFigures>({
        port,
        publicOrigin,
        partners,
        maxRequests: Math.ceil(round.seconds * signedPerSecond),
        ...round,
      }),
    async measure(on, round) {
      const before = await on.say<Usage>({ kind: "usage" });
      const figures = await stage.load(on, round);
      return { ...figures, usage: difference(await on.say<Usage>({ kind: "usage" }), before) };
    },
    async close() {
      await Promise.all(children.map((child) => child.stop()));
      await rm(dir, { recursive: true, force: true });
    },
  };
  return stage;
}

/** RSS is a state, the rest are sums. */
function difference(after: Usage, before: Usage): Usage {
  return {
    cpuUs: after.cpuUs - before.cpuUs,
    mainThreadUs: after.mainThreadUs - before.mainThreadUs,
    allocatedBytes: after.allocatedBytes - before.allocatedBytes,
    rssBytes: after.rssBytes,
  };
}

/** A build that a real client does not believe measures nothing. Throws with what was wrong. */
async function prove({ publicOrigin }: StartedBuild, caller: { jwk?: BuildOptions["signing"]; gatewayJwks: { keys: BuildOptions["signing"][] } }) {
  const asked = partner({ origin: publicOrigin, ...caller } as Parameters<typeof partner>[0]);
  const expected: Record<Workload, unknown[]> = { read: [200, 6], effect: [201, "paid"] };
  const list = await asked.request("GET", listPath);
  const made = await asked.request("POST", createPath, { body: orderBody("ORDER-0") });
  const { data } = list.body as { data?: unknown[] };
  const { status } = made.body as { status?: string };
  const seen = { read: [list.status, data?.length], effect: [made.status, status] };
  asked.close();
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error(`wrong answers: ${list.text} ${made.text}`);
}
