/** When calls begin to be refused, whose, and when that ends; the event loop is this process's own. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { createAdmission } from "../../gateway/inbound/overload/index.ts";

type Admission = ReturnType<typeof createAdmission>;
type Limits = Parameters<typeof createAdmission>[1];
type Place = NonNullable<ReturnType<Admission["take"]>>;

function admit(limits: Limits, partnerOf = (keyid: string): string => keyid) {
  const changes: boolean[] = [];
  const admission = createAdmission({ partnerOf, onChange: (shedding) => changes.push(shedding) }, limits);
  onTestFinished(() => admission.stop());
  return { admission, changes };
}

const alwaysLate: Limits = {
  targetLagMs: -1,
  busyShare: 0,
  lateForMs: 0,
  lateTicks: 1,
  tickMs: 2,
  windowMs: 20,
  minInFlight: 8,
};

function block(forMs: number): void {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs);
}

/** A loop that gets around too late for so long. */
async function struggle(forMs: number): Promise<void> {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    block(80);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function offer(admission: Admission, count: number, keyid = "k", proven = keyid): Place[] {
  const taken = Array.from({ length: count }, () => admission.take(keyid, proven));
  return taken.filter((place) => place !== undefined);
}

it("takes everything while the event loop keeps up, and again when it does", async () => {
  const { admission, changes } = admit({ targetLagMs: 30, windowMs: 50, tickMs: 5, minInFlight: 100 });
  const first = offer(admission, 100);
  expect(first).toHaveLength(100);
  await struggle(600);
  expect(admission.isShedding()).toBe(true);
  expect(offer(admission, 5)).toEqual([]);
  for (const place of first) admission.ended(place);
  await expect.poll(() => admission.isShedding(), { timeout: 5_000, interval: 10 }).toBe(false);
  expect(offer(admission, 100)).toHaveLength(100);
  expect(changes).toEqual([true, false]);
});

it("does not wait for the lateness to stand when a crowd has come", async () => {
  const { admission } = admit({ minInFlight: 40 });
  await sleep(50);
  expect(offer(admission, 200)).toHaveLength(200);
  block(200);
  expect(offer(admission, 5)).toEqual([]);
});

it("takes a crowd at once when the loop is in time, and a few when it is late", async () => {
  const { admission } = admit({ minInFlight: 40 });
  await sleep(50);
  expect(offer(admission, 50)).toHaveLength(50);
  block(200);
  expect(offer(admission, 10)).toHaveLength(10);
  expect(admission.isShedding()).toBe(false);
});

it("takes more as long as the loop has time left, so that slow vendors alone are no overload", async () => {
  const { admission } = admit({ minInFlight: 20, windowMs: 20 });
  await sleep(50);
  const waiting = offer(admission, 20);
  await struggle(500);
  expect(offer(admission, 30)).toEqual([]);
  // Nothing that is under way ends, and more is asked for all the time.
  await expect.poll(() => waiting.push(...offer(admission, 5)), { timeout: 5_000, interval: 10 }).toBeGreaterThan(150);
});

it("gives unproven claims a part of their own, in which made-up keys are one", async () => {
  const { admission } = admit(alwaysLate);
  for (const keyid of ["victim", "newcomer"]) admission.verified(keyid);
  const taken = { forged: 0, owned: 0, newcomer: 0 };
  for (let window = 0; window < 20; window += 1) {
    const forgeries = ["victim", ...Array.from({ length: 100 }, (_, at) => `made-up-${at}`)];
    // Nobody proves these, and none of them ends.
    for (const keyid of forgeries) taken.forged += offer(admission, 3, keyid, "").length;
    const own = [offer(admission, 2, "victim"), offer(admission, 1, "newcomer", "")] as const;
    // The first windows know nothing of those who ask.
    if (window >= 5) {
      taken.owned += own[0].length;
      taken.newcomer += own[1].length;
    }
    for (const place of own.flat()) admission.ended(place);
    await sleep(25);
  }
  expect(taken.owned).toBe(30);
  expect(taken.newcomer).toBe(15);
  expect(taken.forged).toBeLessThan(400);
});

it("gives a partner one part, however many keys it has", async () => {
  const { admission } = admit(alwaysLate, (keyid) => keyid.charAt(0));
  const taken = { a: 0, b: 0 };
  for (let window = 0; window < 25; window += 1) {
    // Who comes first finds more places, so they take turns.
    const [one, other] = window % 2 === 0 ? ["a", "b"] : ["b", "a"];
    const taking = { a: [] as Place[], b: [] as Place[] };
    for (const who of [one, other] as ("a" | "b")[]) {
      const keys = Array.from({ length: who === "a" ? 10 : 1 }, (_, at) => `${who}${at}`);
      taking[who] = keys.flatMap((keyid) => offer(admission, 30 / keys.length, keyid, who));
    }
    // The first windows know nothing of those who ask.
    if (window >= 5) {
      taken.a += taking.a.length;
      taken.b += taking.b.length;
    }
    for (const place of [...taking.a, ...taking.b]) admission.ended(place);
    await sleep(25);
  }
  expect(taken.a).toBeGreaterThan(20);
  expect(taken.b / taken.a).toBeGreaterThan(0.7);
});
