import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SandboxError } from "./failure.ts";

/** Where the sandbox listens and keeps its files. Port 0 is any free one. */
export interface SandboxSettings {
  dir: string;
  gatewayPort: number;
  adminPort: number;
  /** The first vendor's port; the others follow in the order of their folders. */
  vendorPort: number;
}

export const defaultDir: string = fileURLToPath(new URL("../../.sandbox", import.meta.url));
const maxPort = 65_535;

/** Settings from `QIAO_PORT`, `QIAO_ADMIN_PORT`, `QIAO_VENDOR_PORT` and `QIAO_SANDBOX_DIR`. Throws a `SandboxError`. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): SandboxSettings {
  const dir = env["QIAO_SANDBOX_DIR"];
  return {
    dir: dir === undefined || dir === "" ? defaultDir : resolve(dir),
    gatewayPort: port(env, "QIAO_PORT", 8080),
    adminPort: port(env, "QIAO_ADMIN_PORT", 9090),
    vendorPort: port(env, "QIAO_VENDOR_PORT", 9100),
  };
}

function port(env: Readonly<Record<string, string | undefined>>, name: string, usual: number): number {
  const text = env[name];
  if (text === undefined || text === "") return usual;
  if (!/^\d{1,5}$/.test(text) || Number(text) > maxPort) {
    throw new SandboxError(`${name} must be a port, 0 to ${maxPort} (0: any free one)`);
  }
  return Number(text);
}
