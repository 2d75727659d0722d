/** Axes whose points are gateways of different size, side by side. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readBundle } from "#specs";
import { newJwk } from "../builds/keys.ts";
import { flat, inTurns, warmUp } from "./points.ts";
import type { Place } from "./points.ts";
import { copyAdapters } from "./adapters.ts";
import { morePaths } from "./copies.ts";
import type { Axis, Setting } from "./types.ts";

const contractTimes = 10;
const adapterCounts = [5, 60] as const;
const partnerCounts = [2, 10_000] as const;

async function warmed(setting: Setting, what: string, places: readonly Place[]) {
  for (const { on, round } of places) await warmUp(setting, on, round);
  return inTurns(setting, what, places);
}

/** The contract ten times over: matching and validation of requests, checks of answers, and all that goes over the operations. */
export const operationsAxis: Axis = async (setting) => {
  const { stage } = setting;
  const document = readBundle() as { paths: Parameters<typeof morePaths>[0] };
  const count = (): number => Object.values(document.paths).flatMap((path) => Object.keys(path)).length;
  const once = count();
  morePaths(document.paths, contractTimes);
  const bundle = join(stage.dir, "bundle.json");
  await writeFile(bundle, JSON.stringify(document));
  const hook = new URL("./contract.ts", import.meta.url);
  hook.search = new URLSearchParams({ times: String(contractTimes), bundle }).toString();
  const places = [
    { x: once, on: await setting.plain() },
    { x: count(), on: await stage.start("qiao", ["--import", hook.href]) },
  ];
  return flat("operations in the contract", await warmed(setting, "operations", places));
};

/** All of them serve both capabilities, and the load goes to all of them by equal weights. */
export const adaptersAxis: Axis = async (setting) => {
  const { stage } = setting;
  const places: Place[] = [];
  for (const count of adapterCounts) {
    const adaptersDir = join(stage.dir, `adapters-${count}`);
    const names = await copyAdapters(adaptersDir, count);
    const { origin, secret } = stage.vendor;
    const routes = ["customerAccounts", "instalments"].map((capability) => ({
      capability,
      adapters: names.map((name) => ({ name, weight: 1 })),
    }));
    const adapters = Object.fromEntries(names.map((name) => [name, { origin, secret }]));
    const on = await stage.start("qiao", [], { gateway: { adaptersDir, adapters, routes } });
    places.push({ x: count, on });
  }
  return flat("adapters, all of them in use", await warmed(setting, "adapters", places));
};

/** Each with a key and a limit of its own, and the load goes over all of them. */
export const partnersAxis: Axis = async (setting) => {
  const { stage } = setting;
  const places: Place[] = [];
  for (const count of partnerCounts) {
    const partners = await Promise.all(
      Array.from({ length: count }, async (_, index) => ({ id: `partner-${index}`, jwk: await newJwk() })),
    );
    const on = await stage.start("qiao", [], { partners });
    places.push({ x: count, on, round: { partners } });
  }
  return flat("partners, each with a key", await warmed(setting, "partners", places));
};
