import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { partner } from "../../mocks/partner/client.ts";
import type { Jwk, Jwks } from "../../mocks/partner/profile.ts";
import { sandboxPartner } from "../../mocks/partner/sandbox.ts";
import type { SandboxFile } from "../../mocks/sandbox/start.ts";
import { coverageOf, problemOf, unboundCoverage } from "./answer.fixture.ts";
import { bytesOf, checkDraft, digestOf, person, seal, withField } from "./draft.fixture.ts";
import { killLeftovers, projectDir, startProcess } from "./process.fixture.ts";
import { newDir } from "./setup.fixture.ts";
import { raw } from "./socket.fixture.ts";

const main = join(projectDir, "mocks/sandbox/main.ts");
const anyPort = { QIAO_PORT: "0", QIAO_ADMIN_PORT: "0", QIAO_VENDOR_PORT: "0" };
const slow = { ...person, name: "张慢速", reference: "KYC-SLOW" };
let dir: string;

beforeAll(async () => {
  dir = await newDir();
});

afterEach(killLeftovers);

afterAll(() => rm(dir, { recursive: true, force: true }));

const read = <T>(name: string): T => JSON.parse(readFileSync(join(dir, name), "utf8")) as T;

it("on SIGTERM what is under way is finished and answered, nothing new is taken, and the process ends well", async () => {
  const sandbox = startProcess(main, { ...anyPort, QIAO_SANDBOX_DIR: dir });
  await sandbox.until("Ctrl-C drains and stops.");
  const { gateway, partners } = read<SandboxFile>("sandbox.json");
  const jwks = read<Jwks>("gateway.jwks.json");
  const jwk = read<Jwk>("partner-a.jwk.json");
  const a = partner(sandboxPartner(dir, "a"));
  const draft = checkDraft(gateway, partners.a.keyid);
  const body = Buffer.from(JSON.stringify({ ...slow, reference: "KYC-PIPED" }));
  const piped = bytesOf(
    seal(
      withField({ ...draft, body }, "Content-Digest", () => digestOf(body)),
      jwk,
    ),
  );
  const late = bytesOf(seal(checkDraft(gateway, partners.a.keyid), jwk));

  const underWay = a.request("POST", "/v1/identity-checks", { body: slow });
  const connection = raw(gateway, [piped, { pauseMs: 900 }, late], { patienceMs: 10_000 });
  await sleep(400);
  sandbox.signal("SIGTERM");
  await sandbox.until("Stopping");

  await expect.poll(() => refused(gateway)).toBe(true);
  expect(await underWay).toMatchObject({ status: 201, verified: true, body: { verdict: "match" } });
  const { answers, end } = await connection;
  expect(answers.map(({ status }) => status)).toEqual([201, 503]);
  const [, refusal] = answers;
  if (refusal === undefined) throw new Error("no refusal");
  expect(problemOf(refusal)).toMatchObject({ code: "shutting_down", retry: "after" });
  expect(coverageOf(refusal, { method: "POST", url: `${gateway}/v1/identity-checks` }, jwks)).toEqual(unboundCoverage);
  const headers = Object.fromEntries(refusal.headers);
  expect(headers["Connection"]).toBe("close");
  expect(Number(headers["Retry-After"])).toBeGreaterThanOrEqual(1);
  expect(end).toBe("closed");

  expect(await sandbox.exited).toBe(0);
  expect(sandbox.output()).toContain("Stopped.");
  expect(existsSync(join(dir, "sandbox.json"))).toBe(false);
  a.close();
});

async function refused(origin: string): Promise<boolean> {
  const { end } = await raw(origin, "", { patienceMs: 50 }).catch((error: NodeJS.ErrnoException) => ({
    end: error.code,
  }));
  return end === "ECONNREFUSED";
}

it("a taken port ends the start, and the message names the variable", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const sandbox = startProcess(main, { ...anyPort, QIAO_SANDBOX_DIR: join(dir, "taken"), QIAO_PORT: `${port}` });
  expect(await sandbox.exited).toBe(1);
  expect(sandbox.output()).toContain(`port ${port} on 127.0.0.1, for the gateway, is taken: set QIAO_PORT`);
  expect(existsSync(join(dir, "taken", "sandbox.json"))).toBe(false);
  other.close();
});
