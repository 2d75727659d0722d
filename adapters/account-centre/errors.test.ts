import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { config } from "./config.ts";
import { errors } from "./errors.ts";

describe("the error table", () => {
  it("has one row for every code that the platform documents, and none besides", () => {
    const text = readFileSync(new URL("./vendor.openapi.yaml", import.meta.url), "utf8");
    const documented = Object.keys((parse(text) as { "x-error-codes": object })["x-error-codes"]);
    expect(errors.map((row) => row.code).toSorted()).toEqual(documented.toSorted());
  });

  it("never passes a complaint about the gateway's own signature on to the partner", () => {
    const signature = errors.filter((row) => /^(signature|digest)_/.test(row.code));
    expect(new Set(signature.map((row) => row.problem))).toEqual(new Set(["vendor_unauthenticated", "internal_error"]));
  });
});

describe("the configuration", () => {
  const jwk = { kty: "OKP", crv: "Ed25519", x: "x".repeat(43) };
  const good = {
    baseUrl: "https://ac.example",
    privateJwk: { ...jwk, d: "d".repeat(43) },
    platformJwks: { keys: [jwk] },
  };

  it("needs both keys, https, and no private key where a public one belongs", () => {
    expect(config.safeParse(good).success).toBe(true);
    const bad = [
      { ...good, privateJwk: jwk },
      { ...good, platformJwks: { keys: [] } },
      { ...good, platformJwks: { keys: [good.privateJwk] } },
      { ...good, baseUrl: "http://ac.example" },
      { ...good, baseUrl: "https://ac.example/path" },
    ];
    for (const input of bad) expect(config.safeParse(input).success).toBe(false);
  });
});
