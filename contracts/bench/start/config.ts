import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startMock } from "#mocks";
import { generateJwk, loadSignKey, publicJwks } from "#signature";
import { discoverMocks } from "../../../mocks/sandbox/discover.ts";
import { freePort } from "../../../mocks/sandbox/ports.ts";

export const host = "127.0.0.1";
export const projectDir = fileURLToPath(new URL("../../../", import.meta.url));

/** The configuration of a gateway with every adapter there is; their mocks, which run for that moment only, say theirs. */
export async function wholeConfig(file: string, adminPort: number): Promise<object> {
  const definitions = await discoverMocks(join(projectDir, "adapters"));
  const mocks = await Promise.all(definitions.map((definition) => startMock(definition)));
  await Promise.all(mocks.map((mock) => mock.stop()));
  const [signing, partner] = await Promise.all([generateJwk(), generateJwk()]);
  const port = await freePort(host);
  return {
    profile: "sandbox",
    publicOrigin: `http://${host}:${port}`,
    listen: { host, port },
    admin: { host, port: adminPort },
    adaptersDir: join(projectDir, "adapters"),
    store: { file, keys: [{ id: "1", key: randomBytes(32).toString("base64url") }] },
    signing: { keys: [signing] },
    partners: [{ id: "p", name: "P", scopes: ["*"], jwks: publicJwks([await loadSignKey(partner)]) }],
    adapters: Object.fromEntries(mocks.map((mock) => [mock.adapter, mock.config])),
    logLevel: "info",
  };
}
