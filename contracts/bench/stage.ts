/** What a measurement stands on: the vendor, the load, and builds that were seen to answer a real partner's client rightly. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partner } from "../../mocks/partner/client.ts";
import { freePort } from "../../mocks/sandbox/ports.ts";
import type { GatewayConfigInput } from "#gateway";
import type { BuildMessage, Usage } from "./builds/main.ts";
import { newJwk, publicJwk } from "./builds/keys.ts";
import type { BuildOptions } from "./builds/types.ts";
import { cores, startChild } from "./child.ts";
import type { Child } from "./child.ts";
import { createPath, listPath, orderBody } from "./exchange.ts";
import type { Build, Workload } from "./exchange.ts";
import type { LoadMessage, RoundFigures } from "./load/main.ts";
import type { RoundOptions } from "./load/round.ts";
import type { VendorMessage } from "./vendor.ts";

/** Partners among whom the load is spread: one key may use so many nonces a minute and no more. */
const partnerCount = 16;
/** What ends a run before its time; the stores of a long one are large, so none is left behind. */
const signals = ["SIGINT", "SIGTERM"] as const;
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

/** What a gateway has otherwise than the bench's usual one. */
interface StartOptions {
  partners?: BuildOptions["partners"];
  /** Whole members of its configuration. */
  gateway?: Partial<GatewayConfigInput>;
}

export interface Load {
  /** One round, with nothing measured. */
  load(on: Pick<StartedBuild, "port" | "publicOrigin">, round: Round): Promise<RoundFigures>;
}

/** A vendor that can be told to misbehave. */
export interface Vendor extends Readonly<BuildOptions["vendor"]> {
  tell(message: VendorMessage): Promise<void>;
}

export interface Stage extends Load {
  dir: string;
  partners: BuildOptions["partners"];
  vendor: Vendor;
  start(build: Build, nodeArgs?: readonly string[], options?: StartOptions): Promise<StartedBuild>;
  /** A process more of each kind, for two loads at a time, or a vendor apart. */
  anotherLoad(): Load;
  anotherVendor(): Promise<Vendor>;
  /** One round, with what the build used for it; signing and connecting come before. */
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
  const startVendor = async (): Promise<Vendor> => {
    const child = keep(startChild("./vendor.ts", { core: cores.around, log: log("vendor"), args: [secret] }));
    const { port } = await child.first<{ port: number }>();
    return { origin: `http://127.0.0.1:${port}`, secret, tell: (message) => child.ask(message) };
  };
  const vendor = await startVendor();
  const startLoad = () => {
    const child = keep(startChild("./load/main.ts", { core: cores.around, log: log("load") }));
    return (message: LoadMessage) => child.ask<RoundFigures>(message);
  };
  const ownLoad = startLoad();
  const partners = await Promise.all(
    Array.from({ length: partnerCount }, async (_, index) => ({ id: `partner-${index}`, jwk: await newJwk() })),
  );
  const roundOn = (
    { port, publicOrigin }: Pick<StartedBuild, "port" | "publicOrigin">,
    round: Round,
  ): RoundOptions => ({
    port,
    publicOrigin,
    partners,
    maxRequests: Math.ceil(round.seconds * signedPerSecond),
    ...round,
  });
  const stage: Stage = {
    dir,
    partners,
    vendor,
    async start(build, nodeArgs = [], { partners: known = partners, gateway } = {}) {
      const port = await freePort("127.0.0.1");
      const publicOrigin = `http://127.0.0.1:${port}`;
      const child = keep(startChild("./builds/main.ts", { core: cores.build, log: log(build), nodeArgs }));
      const signing = await newJwk();
      const own = join(dir, `${build}-${port}`);
      await mkdir(own);
      const { origin } = vendor;
      const options = { port, publicOrigin, partners: known, signing, vendor: { origin, secret }, dir: own };
      await child.ask({ kind: "start", build, options, ...(gateway === undefined ? {} : { gateway }) });
      const started = { build, port, publicOrigin, child, say: <A>(message: BuildMessage) => child.ask<A>(message) };
      await prove(started, { ...known[0], gatewayJwks: { keys: [publicJwk(signing)] } });
      return started;
    },
    load: (on, round) => ownLoad(roundOn(on, round)),
    anotherLoad() {
      const load = startLoad();
      return { load: (on, round) => load(roundOn(on, round)) };
    },
    anotherVendor: startVendor,
    async measure(on, round) {
      await ownLoad({ prepare: roundOn(on, round) });
      const before = await on.say<Usage>({ kind: "usage" });
      const figures = await ownLoad({ run: true });
      return { ...figures, usage: difference(await on.say<Usage>({ kind: "usage" }), before) };
    },
    async close() {
      await Promise.all(children.map((child) => child.stop()));
      await rm(dir, { recursive: true, force: true });
      for (const signal of signals) process.off(signal, interrupted);
    },
  };
  const interrupted = (): void => void stage.close().finally(() => process.exit(1));
  for (const signal of signals) process.on(signal, interrupted);
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
async function prove(
  { publicOrigin }: StartedBuild,
  caller: { jwk?: BuildOptions["signing"]; gatewayJwks: { keys: BuildOptions["signing"][] } },
) {
  const asked = partner({ origin: publicOrigin, ...caller });
  const expected: Record<Workload, unknown[]> = { read: [200, 6], effect: [201, "paid"] };
  const list = await asked.request("GET", listPath);
  const made = await asked.request("POST", createPath, { body: orderBody("ORDER-0") });
  const { data } = list.body as { data?: unknown[] };
  const { status } = made.body as { status?: string };
  const seen = { read: [list.status, data?.length], effect: [made.status, status] };
  asked.close();
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error(`wrong answers: ${list.text} ${made.text}`);
}
