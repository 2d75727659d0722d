import { describe, expect, it } from "vitest";
import { databasePath, openStore } from "./sqlite-setting.fixture.ts";
import { call, creation, nowMs, payment } from "./suite-samples.ts";

const untilMs = nowMs + 120_000;
const nonceOf = (name: string) => ({ keyid: "k1", nonce: name, expiresAtMs: untilMs });

describe("sqlite: nonces, which are found in memory", () => {
  it("one that was taken over one connection is taken over every other, and after opening anew", async () => {
    const path = databasePath();
    const [one, two] = [await openStore(path), await openStore(path)];
    const tried = [];
    for (let at = 0; at < 40; at += 1) {
      const [first, second] = at % 3 === 0 ? [one, two] : [two, one];
      tried.push([
        await first.claimNonce("k1", `n${at}`, untilMs, nowMs),
        await second.claimNonce("k1", `n${at}`, untilMs, nowMs),
        await first.claimNonce("k1", `n${at}`, untilMs, nowMs),
      ]);
    }
    expect(tried).toEqual(Array(40).fill([true, false, false]));
    await one.close();
    const three = await openStore(path);
    expect(await three.claimNonce("k1", "n7", untilMs, nowMs)).toBe(false);
    expect(await two.claimNonce("k1", "n7", untilMs + 9, untilMs)).toBe(true);
    expect(await three.claimNonce("k1", "n7", untilMs + 9, untilMs)).toBe(false);
  });

  it("of many who claim the same ones over two connections at once, one has each", async () => {
    const path = databasePath();
    const stores = [await openStore(path), await openStore(path)];
    const claims = Array.from({ length: 60 }, (_, at) =>
      stores.map((store) => store.claimNonce("k1", `n${at % 20}`, untilMs, nowMs)),
    );
    expect((await Promise.all(claims.flat())).filter(Boolean).length).toBe(20);
  });

  it("one whose unit failed, alone or among others, is free; one that was refused took nothing", async () => {
    const store = await openStore(databasePath());
    await store.begin(creation("a"));
    const clash = { resource: payment("b", { reference: "ref-a" }) };
    await expect(store.begin(creation("b", { ...clash, nonce: nonceOf("n1") }))).rejects.toMatchObject({
      code: "conflict",
    });
    const together = await Promise.allSettled([
      store.begin(call("c", { nonce: nonceOf("n2") })),
      store.begin(creation("d", { ...clash, nonce: nonceOf("n3") })),
      store.begin(call("e", { nonce: nonceOf("n2") })),
    ]);
    expect(together).toMatchObject([
      { value: { kind: "claimed" } },
      { reason: { code: "conflict" } },
      { value: { kind: "nonce_replayed" } },
    ]);
    for (const free of ["n1", "n3"]) expect(await store.claimNonce("k1", free, untilMs, nowMs)).toBe(true);
    for (const taken of ["n1", "n2", "n3"]) expect(await store.claimNonce("k1", taken, untilMs, nowMs)).toBe(false);
  });

  it("one that was pruned over one connection may be used again over another", async () => {
    const path = databasePath();
    const [one, two] = [await openStore(path), await openStore(path)];
    expect(await one.claimNonce("k1", "n1", untilMs, nowMs)).toBe(true);
    expect(await two.prune(untilMs)).toMatchObject({ nonces: 1 });
    for (const [store, fresh] of [
      [one, true],
      [two, false],
    ] as const)
      expect(await store.claimNonce("k1", "n1", untilMs + 9, untilMs)).toBe(fresh);
  });
});
