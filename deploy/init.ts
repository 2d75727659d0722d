/**
 * Makes what compose.yaml needs, once: every key and password, a first partner, and the gateway's configuration.
 *
 *   node deploy/init.ts [--dir deploy/.secrets] [--public-origin http://localhost:8080]
 *
 * A loopback origin over http makes a gateway of the sandbox profile, for trials; any https origin one of production. No vendor is
 * configured: add adapters with their credentials to config.json. Exit codes: 0 made, 1 refused; nothing is ever overwritten.
 */
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { generateJwk, loadSignKey, publicJwks } from "#signature";

const usualDir = fileURLToPath(new URL(".secrets", import.meta.url));
const usualOrigin = "http://localhost:8080";
const secretBytes = 32;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dir: { type: "string", default: usualDir },
      "public-origin": { type: "string", default: usualOrigin },
    },
  });
  const publicOrigin = values["public-origin"];
  const { origin, protocol, hostname } = new URL(publicOrigin);
  if (origin !== publicOrigin) throw new Error("--public-origin: scheme, host and port only");
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  if (protocol !== "https:" && !loopback) throw new Error("--public-origin: partners are served over https only");
  const dir = resolve(values.dir);
  await mkdir(dir, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === "EEXIST" ? `${dir} is there already: nothing was changed` : error.message);
  });

  const [signing, partner] = await Promise.all([generateJwk(), generateJwk()]);
  const [gatewayJwks, partnerJwks] = [
    publicJwks([await loadSignKey(signing)]),
    publicJwks([await loadSignKey(partner)]),
  ];
  const [database, valkey] = [secret(), secret()];
  const config = {
    profile: loopback && protocol === "http:" ? "sandbox" : "production",
    publicOrigin,
    listen: { host: "0.0.0.0", port: 8080 },
    admin: { host: "0.0.0.0", port: 9090 },
    adaptersDir: "/app/adapters",
    store: { url: `postgres://qiao:${database}@postgres:5432/qiao`, keys: [{ id: "1", key: secret() }] },
    shared: { url: `redis://:${valkey}@valkey:6379` },
    signing: { keys: [signing] },
    partners: [{ id: "partner-a", name: "Partner A", scopes: ["*"], jwks: partnerJwks }],
    adapters: {},
  };
  // The folder is closed to others. The files in it are readable, since containers read them as users of their own.
  const write = (name: string, text: string): Promise<void> =>
    writeFile(join(dir, name), text, { flag: "wx", mode: 0o644 });
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  await write("config.json", json(config));
  await write("postgres-password", database);
  await write(
    "valkey.conf",
    `requirepass ${valkey}\nsave ""\nappendonly no\nmaxmemory 256mb\nmaxmemory-policy noeviction\n`,
  );
  // What `npm run call` reads.
  await write("partner-a.jwk.json", json(partner));
  await write("gateway.jwks.json", json(gatewayJwks));
  const keyid = partnerJwks.keys[0]?.kid;
  await write(
    "sandbox.json",
    json({ gateway: publicOrigin, partners: { a: { keyid, keyFile: "partner-a.jwk.json" } } }),
  );
  process.stdout.write(`made ${dir}: config.json (${config.profile}), passwords, and the keys of partner-a\n`);
}

function secret(): string {
  return randomBytes(secretBytes).toString("base64url");
}

await main().catch((error: unknown) => {
  process.stderr.write(`init: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
