import type { CapabilityName } from "#capability";
import type { ResourceName } from "#specs";
import type { Bench } from "../bench.ts";
import { creationOf } from "../calls.ts";
import { finding } from "../findings.ts";
import { forgeries, openStory } from "../callback-stories.ts";
import type { CallbackStory } from "../callback-stories.ts";
import type { Check, Finding, Law, Subject } from "../types.ts";
import { early } from "./early.ts";

const dayMs = 24 * 3_600_000;
const twins = 10;
/** The one reason for a skip that is a fact, and no line of the manifest. */
export const noCallbacks = "the adapter takes no callbacks";

/** A callback moves a resource once, forward, if it is genuine; nothing else that arrives changes anything. */
export const callbacks: Law = {
  name: "callbacks",
  promise: "a genuine callback moves its resource once; forged, stale, replayed and duplicate ones change nothing",
  checks(subject) {
    if (subject.adapter.callbacks === undefined) {
      return [
        { name: "nothing is taken at its address", prove: (bench) => closed(bench, subject) },
        { name: "good, forged, stale, replayed, early, duplicate", skip: noCallbacks },
      ];
    }
    const capabilities = Object.keys(subject.adapter.callbacks.receive) as (CapabilityName & ResourceName)[];
    return capabilities.flatMap((capability, nth): Check[] => {
      const check = (name: string, prove: (bench: Bench) => Promise<Finding[]>): Check => ({
        name: `${capability}: ${name}`,
        prove,
      });
      if (!subject.operations.includes(creationOf(capability))) return [];
      return [
        check("good, then replayed, then replayed a day later", (bench) => good(bench, capability)),
        check("forged in every part", (bench) => forged(bench, capability)),
        check("stale", (bench) => stale(bench, capability)),
        check(`${twins} duplicates at once`, (bench) => duplicate(bench, capability)),
        // Vendors change keys seldom, and adapters need not look for new ones all the time.
        ...(nth === 0 ? [check("good, after the vendor changed its keys", (bench) => rotated(bench, capability))] : []),
        check("early, before the creation is answered", (bench) => early(bench, capability)),
      ];
    });
  },
};

function wrong(bench: Bench, expected: string, happened: string): Finding {
  return finding(bench.subject, "callbacks.ts", expected, happened);
}

async function closed(bench: Bench, subject: Subject): Promise<Finding[]> {
  const gateway = await bench.usual();
  const answer = await fetch(`${gateway.origin}/callbacks/${subject.adapter.name}`, { method: "POST", body: "{}" });
  return answer.status === 404 ? [] : [wrong(bench, "404", String(answer.status))];
}

async function good(bench: Bench, capability: ResourceName): Promise<Finding[]> {
  return goodIn(bench, capability, await bench.shared(`a story of ${capability}`, () => openStory(bench, capability)));
}

async function goodIn(bench: Bench, capability: ResourceName, story: CallbackStory): Promise<Finding[]> {
  const before = await story.moves();
  const status = await story.deliver();
  const after = await story.moves();
  if (after.length !== before.length + 1 || after.at(-1)?.cause !== "callback") {
    const happened = `answered ${status}, and ${after.length - before.length} steps were made`;
    return [wrong(bench, `a genuine callback to move the ${capability} one step`, happened)];
  }
  const findings = status < 400 ? [] : [wrong(bench, "the vendor told that it was taken", `answered ${status}`)];
  findings.push(...(await changesNothing(story, bench, "a replay", () => story.deliver())));
  const { clock } = story.gateway;
  clock.offsetMs += dayMs;
  try {
    return [...findings, ...(await changesNothing(story, bench, "a replay after a day", () => story.deliver()))];
  } finally {
    clock.offsetMs -= dayMs;
  }
}

async function rotated(bench: Bench, capability: ResourceName): Promise<Finding[]> {
  const { rotate } = bench.facts();
  if (rotate === undefined) return [];
  await rotate();
  return goodIn(bench, capability, await openStory(bench, capability));
}

async function changesNothing(
  story: CallbackStory,
  bench: Bench,
  what: string,
  run: () => Promise<number>,
): Promise<Finding[]> {
  const before = await story.moves();
  const status = await run();
  const after = await story.moves();
  if (status >= 500 && status !== 503) return [wrong(bench, `${what} to be answered`, `answered ${status}`)];
  if (after.length === before.length) return [];
  return [
    wrong(bench, `${what} to change nothing`, `answered ${status}, and it became ${after.at(-1)?.status ?? "?"}`),
  ];
}

async function forged(bench: Bench, capability: ResourceName): Promise<Finding[]> {
  const story = await openStory(bench, capability);
  const findings: Finding[] = [];
  for (const { what, callback } of forgeries(story.callback)) {
    findings.push(...(await changesNothing(story, bench, `a callback with ${what}`, () => story.deliver(callback))));
    if (findings.length > 0) return findings;
  }
  await story.deliver();
  const moves = await story.moves();
  if (moves.at(-1)?.cause === "callback") return findings;
  return [wrong(bench, "the genuine callback to be taken after the forged ones", "it moved nothing")];
}

async function stale(bench: Bench, capability: ResourceName): Promise<Finding[]> {
  const { maxAgeSeconds } = bench.facts().callbacks ?? {};
  if (maxAgeSeconds === undefined) return [];
  const story = await openStory(bench, capability);
  const { clock } = story.gateway;
  const byMs = (maxAgeSeconds + 60) * 1_000;
  // The vendor's clock too: what it would refuse for ours must not hide that the callback was taken.
  clock.offsetMs += byMs;
  bench.vendorClock.offsetMs += byMs;
  try {
    return await changesNothing(story, bench, `a callback ${byMs / 1_000} s old`, () => story.deliver());
  } finally {
    clock.offsetMs -= byMs;
    bench.vendorClock.offsetMs -= byMs;
  }
}

async function duplicate(bench: Bench, capability: ResourceName): Promise<Finding[]> {
  const story = await openStory(bench, capability);
  const before = await story.moves();
  const statuses = new Set(await Promise.all(Array.from({ length: twins }, () => story.deliver())));
  const steps = (await story.moves()).length - before.length;
  const findings = steps === 1 ? [] : [wrong(bench, `${twins} twins to make one step`, `they made ${steps}`)];
  const [one = 0] = statuses;
  if (statuses.size === 1 && one < 400) return findings;
  return [...findings, wrong(bench, "all twins told the same", `they were answered ${[...statuses].join(", ")}`)];
}
