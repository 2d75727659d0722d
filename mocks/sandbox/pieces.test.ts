import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { discoverMocks } from "./discover.ts";
import { openFolder } from "./folder.ts";
import { keepKeys } from "./keys.ts";
import { assertFree, freePort } from "./ports.ts";
import { defaultDir, readSettings } from "./settings.ts";

const host = "127.0.0.1";
const newDir = (): string => mkdtempSync(join(tmpdir(), "qiao-sandbox-"));

describe("settings", () => {
  it("has the documented ports and folder, and takes others from the environment", () => {
    expect(readSettings({})).toEqual({ dir: defaultDir, gatewayPort: 8080, adminPort: 9090, vendorPort: 9100 });
    expect(
      readSettings({ QIAO_PORT: "0", QIAO_ADMIN_PORT: "1", QIAO_VENDOR_PORT: "65535", QIAO_SANDBOX_DIR: "/x/y" }),
    ).toEqual({ dir: "/x/y", gatewayPort: 0, adminPort: 1, vendorPort: 65_535 });
  });

  it.each(["x", "-1", "65536", "1e3", "080 80"])("refuses QIAO_PORT=%s", (port) => {
    expect(() => readSettings({ QIAO_PORT: port })).toThrow("QIAO_PORT must be a port");
  });
});

describe("ports", () => {
  it("names the variable to set for a taken port", async () => {
    const other = createServer().listen(0, host);
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const wanted = [{ port, what: "the gateway", variable: "QIAO_PORT" }];
    await expect(assertFree(host, wanted)).rejects.toThrow(
      `port ${port} on 127.0.0.1, for the gateway, is taken: set QIAO_PORT to another one, or to 0`,
    );
    other.close();
    await once(other, "close");
    await assertFree(host, wanted);
  });

  it("refuses one port for two", async () => {
    const port = await freePort(host);
    const wanted = ["QIAO_PORT", "QIAO_ADMIN_PORT"].map((variable) => ({ port, what: variable, variable }));
    await expect(assertFree(host, wanted)).rejects.toThrow("set QIAO_PORT or QIAO_ADMIN_PORT");
    await assertFree(
      host,
      wanted.map((one) => ({ ...one, port: 0 })),
    );
  });
});

describe("the folder", () => {
  it("is the owner's only, holds one sandbox at a time, and is free again after it", async () => {
    const dir = join(newDir(), "deep", ".sandbox");
    const folder = await openFolder(dir);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    await expect(openFolder(dir)).rejects.toThrow("another sandbox runs in");
    folder.release();
    (await openFolder(dir)).release();
  });

  it("makes keys once, for its owner's eyes, and leaves no drafts", async () => {
    const dir = newDir();
    const folder = await openFolder(dir);
    const keys = await keepKeys(folder);
    expect(await keepKeys(folder)).toEqual(keys);
    folder.release();
    const files = ["partner-a.jwk.json", "partner-b.jwk.json", "gateway.private.jwk.json", "store.keys.json"];
    for (const name of files) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir).toSorted()).toEqual([...files, "gateway.jwks.json", "lock.sqlite"].toSorted());

    const partner = JSON.parse(readFileSync(join(dir, "partner-a.jwk.json"), "utf8")) as Record<string, unknown>;
    expect(partner).toMatchObject({ kty: "OKP", crv: "Ed25519", kid: keys.partners.a.keyid });
    expect(partner["d"]).toEqual(expect.any(String));
    expect(keys.partners.b.keyid).not.toBe(keys.partners.a.keyid);
    expect(readFileSync(join(dir, "gateway.jwks.json"), "utf8")).not.toContain('"d"');
    expect(Buffer.from(keys.store[0]?.key ?? "", "base64url")).toHaveLength(32);
  });

  it.each([
    ["not JSON", "{", "is not JSON; remove it"],
    ["no key", '{"kty":"OKP"}', "remove it to have it made anew"],
  ])("says which key file was spoilt (%s)", async (_what, text, message) => {
    const dir = newDir();
    writeFileSync(join(dir, "partner-b.jwk.json"), text);
    const folder = await openFolder(dir);
    await expect(keepKeys(folder)).rejects.toThrow(message);
    await expect(keepKeys(folder)).rejects.toThrow("partner-b.jwk.json");
    folder.release();
  });
});

const mock = (adapter: string): string =>
  `export default { adapter: "${adapter}", title: "T", spec: new URL("./x", import.meta.url), create() {} };`;
function folders(files: Record<string, string>): string {
  const dir = newDir();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, ".."), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

describe("discovery", () => {
  it("finds every folder with a mock, in order, and none other", async () => {
    const dir = folders({
      "b-bank/mock.ts": mock("b-bank"),
      "b-bank/index.ts": "",
      "a-bureau/mock.ts": mock("a-bureau"),
      "a-bureau/index.ts": "",
      "c-real-only/index.ts": "",
      "README.md": "",
    });
    expect((await discoverMocks(dir)).map(({ adapter }) => adapter)).toEqual(["a-bureau", "b-bank"]);
    expect((await discoverMocks(dir, ["b-bank"])).map(({ adapter }) => adapter)).toEqual(["b-bank"]);
  });

  it.each([
    ["another name", { "a/mock.ts": mock("b"), "a/index.ts": "" }, 'plays "b", but its folder is "a"'],
    ["no mock", { "a/mock.ts": "export default {}", "a/index.ts": "" }, "does not export a mock"],
    ["no adapter", { "a/mock.ts": mock("a") }, "has no adapter (index.ts)"],
  ])("refuses a folder with %s", async (_what, files, message) => {
    await expect(discoverMocks(folders(files))).rejects.toThrow(message);
  });
});
