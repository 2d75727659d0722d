import { execFile } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestGateway, startTestGateway, unsigned } from "./testing/gateway.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program of this folder as a user does. */
function ran(program: string, args: string[], env: Record<string, string>): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env["PATH"] ?? "", ...env } };
    const child = execFile(program, args, options, (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }));
  });
}

const call = (args: string[], folder = gateway.folder) =>
  ran(process.execPath, [join(import.meta.dirname, "call.ts"), ...args], { QIAO_SANDBOX_DIR: folder });

const signSh = (args: string[], env: Record<string, string> = {}) =>
  ran("bash", [join(import.meta.dirname, "sign.sh"), ...args], {
    QIAO_KEY: join(gateway.folder, "partner-a.jwk.json"),
    QIAO_JWKS: join(gateway.folder, "gateway.jwks.json"),
    ...env,
  });

describe("npm run call", () => {
  it("shows the exchange, and that the answer's signature is valid", async () => {
    const { code, out, err } = await call(["post", "/v1/payments", '{"amount":"10.00"}', "--key", "k-1", "--base"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`POST ${gateway.origin}/v1/payments`);
    expect(out).toContain('idempotency-key: "k-1"');
    expect(out).toContain(`"@target-uri": ${gateway.origin}/v1/payments`);
    expect(out).toMatch(/^201 Created · \d+ ms$/m);
    expect(out).toContain('  "partner": "a"');
    expect(out).toContain(`answer signature: valid (key ${gateway.jwks.keys[0]?.kid})`);
  });

  it("ends with 1 for a problem and for an answer that is not trusted", async () => {
    const problem = await call(["GET", "/v1/payments", "{}"]);
    expect(problem).toMatchObject({ code: 1, out: expect.stringContaining("body_unexpected") });
    expect(problem.out).toContain("answer signature: valid");
    gateway.spoil = (answer) => ({ ...answer, body: Buffer.from("{}") });
    expect(await call(["GET", "/v1/x"])).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("not trusted"),
    });
    gateway.spoil = (answer) => answer;
  });

  it.each([
    [[], "METHOD PATH"],
    [["GET", "v1/x"], "PATH starts with /"],
    [["GET", "/v1/x", "--wrong"], "--wrong"],
    [["POST", "/v1/x", "@/no/such/file"], "no such file"],
    [["GET", "/v1/x", "--partner", "z"], "there is no partner z; the sandbox has a"],
  ])("ends with 2 for %j", async (args, words) => {
    expect(await call(args)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(words) });
  });

  it("says how to start the sandbox when there is none, or it does not run", async () => {
    expect(await call(["GET", "/v1/x"], "/no/such/folder")).toMatchObject({
      code: 2,
      err: expect.stringContaining("npm start"),
    });
    const gone = await startTestGateway();
    const folder = `${gone.folder}-kept`;
    cpSync(gone.folder, folder, { recursive: true });
    await gone.close();
    const unreached = await call(["GET", "/v1/x"], folder);
    rmSync(folder, { recursive: true });
    expect(unreached).toMatchObject({ code: 2, err: expect.stringContaining("npm start") });
  });

  it("explains itself", async () => {
    expect(await call(["--help"])).toMatchObject({ code: 0, out: expect.stringContaining("Usage: npm run call") });
  });
});

describe("sign.sh: bash, openssl and curl", () => {
  it.each([
    [["POST", "/v1/payments", '{"amount":"10.00"}'], "201"],
    [["GET", "/v1/payments/pay_1?expand=a"], "200"],
    [["DELETE", "/v1/payments/pay_1"], "204"],
  ])("%j is understood, and its answer verified", async ([method = "", path = "", ...body], status) => {
    const { code, out, err } = await signSh([method, gateway.origin + path, ...body]);
    expect({ code, err }).toEqual({
      code: 0,
      err: `${status} · answer signature: valid (key ${gateway.jwks.keys[0]?.kid})\n`,
    });
    if (status !== "204") expect(JSON.parse(out)).toEqual({ partner: "a", target: path, received: body[0] ?? "" });
  });

  it("verifies the answer to a refused request too", async () => {
    const { code, out, err } = await signSh(["GET", `${gateway.origin}/v1/x`, "{}"]);
    expect(JSON.parse(out)).toMatchObject({ code: "body_unexpected" });
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("400 · answer signature: valid") });
  });

  it.each<[string, TestGateway["spoil"]]>([
    ["its body is not", (answer) => ({ ...answer, body: Buffer.from("{}") })],
    ["does not verify", (answer) => ({ ...answer, status: 202 })],
    ["not signed", unsigned],
  ])("trusts no answer when %s", async (words, spoil) => {
    gateway.spoil = spoil;
    const { code, err } = await signSh(["POST", `${gateway.origin}/v1/x`, "{}"]);
    gateway.spoil = (answer) => answer;
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(words) });
  });

  it("says what is missing", async () => {
    expect(await signSh([])).toMatchObject({ code: 2, err: expect.stringContaining("sign.sh POST") });
    expect(await signSh(["GET", "/x"], { QIAO_KEY: "/no/key" })).toMatchObject({
      code: 2,
      err: expect.stringContaining("npm start"),
    });
    const gone = await startTestGateway();
    await gone.close();
    expect(await signSh(["GET", `${gone.origin}/x`])).toMatchObject({
      code: 2,
      err: expect.stringContaining("not reached"),
    });
  });
});
