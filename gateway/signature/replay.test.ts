import { describe, expect, it } from "vitest";
import { NonceWindowFull, createNonceWindow, signatureLimits } from "./index.ts";

/** A window whose clock the test moves. */
function windowAt(limits: { maxNonces?: number; maxNoncesPerKey?: number } = {}) {
  const clock = { ms: 1_000_000 };
  const store = createNonceWindow({ nowMs: () => clock.ms, ...limits });
  const claim = (keyid: string, nonce: string) => store.claim(keyid, nonce, clock.ms + 120_000);
  return { clock, claim };
}

describe("a nonce", () => {
  it("is taken once for each key", async () => {
    const { claim } = windowAt();
    expect(await claim("a", "n")).toBe(true);
    expect(await claim("a", "n")).toBe(false);
    expect(await claim("b", "n")).toBe(true);
  });

  it("goes to one of many claims at once", async () => {
    const { claim } = windowAt();
    const won = await Promise.all(Array.from({ length: 50 }, () => claim("a", "n")));
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  it("stays taken through its lifetime, and is forgotten soon after", async () => {
    const { clock, claim } = windowAt();
    await claim("a", "n");
    clock.ms += 119_999;
    expect(await claim("a", "n")).toBe(false);
    clock.ms += 31_000;
    expect(await claim("a", "n")).toBe(true);
  });

  it("is kept longer than its signature could be accepted", () => {
    const { maxAgeSeconds, maxSkewSeconds, nonceLifetimeSeconds } = signatureLimits;
    expect(nonceLifetimeSeconds).toBeGreaterThan(maxAgeSeconds + maxSkewSeconds);
  });
});

describe("a full window", () => {
  it("rejects instead of forgetting, until time frees it", async () => {
    const { clock, claim } = windowAt({ maxNonces: 2 });
    await claim("a", "1");
    await claim("b", "2");
    await expect(claim("c", "3")).rejects.toThrow(NonceWindowFull);
    expect(await claim("a", "1")).toBe(false);
    clock.ms += 151_000;
    expect(await claim("c", "3")).toBe(true);
  });

  it("of one key does not close it for others", async () => {
    const { claim } = windowAt({ maxNoncesPerKey: 1 });
    await claim("a", "1");
    await expect(claim("a", "2")).rejects.toThrow(NonceWindowFull);
    expect(await claim("b", "2")).toBe(true);
  });
});
