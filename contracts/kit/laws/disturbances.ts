import type { Bench } from "../bench.ts";
import { inParallel, send } from "../calls.ts";
import { fileOf, finding, inWords } from "../findings.ts";
import type { Check, Finding, Subject } from "../types.ts";
import { strikes } from "../../../mocks/faults/index.ts";
import type { StrikeName } from "../../../mocks/faults/index.ts";
import { readied, waysOf } from "../ways.ts";
import { judge } from "./outcome-classes.ts";

const skewMs = 3_600_000;
/** One after another: each has less than those of `trials.ts`. */
const coldDeadlineMs = 600;
/** One of each class, for what a gateway fetches once and keeps. */
const coldStrikes: readonly StrikeName[] = ["reset", "html_502", "corrupt", "off_spec", "redirect", "limited", "hang"];

/** What no single exchange shows: clocks that differ, keys that change, tokens that cannot be had. */
export function disturbances(subject: Subject): Check[] {
  return [
    { name: "a vendor whose clock is an hour off is refused or served, never a bug of ours", prove: skewed },
    { name: "keys and tokens that the vendor changed without a word are fetched anew", prove: rotated },
    { name: "tokens and keys that cannot be had end in the right class", prove: (bench) => cold(bench, subject) },
  ];
}

/** Every way once, with a verdict on the answer; the vendor is asked as it is now. */
async function each(
  bench: Bench,
  expected: string,
  isFine: (status: number, said: Record<string, unknown>) => boolean,
) {
  const gateway = await bench.usual();
  const ready = await inParallel(await waysOf(bench), (way) => readied(bench, gateway, way));
  return async (): Promise<Finding[]> => {
    const found = await inParallel(ready, async (prepared) => {
      const { operationId, answer, said } = await send(bench, gateway, prepared);
      if (isFine(answer.status, said)) return [];
      return [finding(bench.subject, fileOf(operationId), `${operationId}: ${expected}`, inWords(answer))];
    });
    return found.flat();
  };
}

async function skewed(bench: Bench): Promise<Finding[]> {
  const run = await each(
    bench,
    "an answer, or a problem of the vendor's",
    (_status, said) => said["code"] !== "internal_error" || said["vendor"] !== undefined,
  );
  bench.vendorClock.offsetMs = skewMs;
  try {
    return await run();
  } finally {
    bench.vendorClock.offsetMs = 0;
  }
}

async function rotated(bench: Bench): Promise<Finding[]> {
  const { rotate } = bench.facts();
  const cached = (await waysOf(bench)).flatMap((way) => way.cached);
  if (rotate === undefined) {
    if (cached.length === 0) return [];
    const happened = `${[...new Set(cached)].join(", ")} are fetched once and kept`;
    return [
      finding(bench.subject, "mock.ts", "kit.rotate: how the vendor changes its keys and ends its tokens", happened),
    ];
  }
  const run = await each(bench, "success, with keys and tokens fetched anew", (status) => status < 300);
  await rotate();
  return run();
}

/** Faults of what is fetched before the first call, at a gateway that has nothing yet: a failure is not kept. */
async function cold(bench: Bench, subject: Subject): Promise<Finding[]> {
  const ways = (await waysOf(bench)).filter(({ cached }) => cached.length > 0);
  if (ways.length === 0) return [];
  const gateway = await bench.gateway();
  const planned = ways.flatMap((way) =>
    way.cached.flatMap((vendorOperation) => coldStrikes.map((fault) => ({ way, vendorOperation, fault }))),
  );
  const ready = await inParallel(planned, async (one) => ({
    ...one,
    prepared: await readied(bench, gateway, one.way),
  }));
  await gateway.restart({ maxDeadlineMs: coldDeadlineMs });
  const findings: Finding[] = [];
  // One after another: those that fetch the same at once are served by one fetch.
  for (const { way, vendorOperation, fault, prepared } of ready) {
    const plans = [{ operation: vendorOperation, strike: strikes[fault] }];
    const performed = await send(bench, gateway, prepared, { plans });
    const isStruck = performed.passed.some(({ operation, struck }) => operation === vendorOperation && struck);
    const expected = isStruck
      ? judge(bench, performed, vendorOperation, fault)
      : `${vendorOperation} fetched anew, since none was to be had before`;
    if (expected === undefined) continue;
    const what = `${way.operationId}, ${vendorOperation} struck by ${fault}: ${expected}`;
    findings.push(finding(subject, "protocol.ts", what, inWords(performed.answer)));
  }
  return findings;
}
