import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { gatewayConfig } from "./schema.ts";
import type { GatewayConfig } from "./schema.ts";

export type { GatewayConfig, GatewayConfigInput, PartnerConfig } from "./schema.ts";

/** A configuration that cannot be used; the message lists every fault with its path. Nothing was started. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Parses a configuration or throws a `ConfigError` naming each wrong path. Values are never part of the message. */
export function parseConfig(input: unknown): GatewayConfig {
  return parseWith(gatewayConfig, input, "gateway configuration");
}

/** The same for any zod schema, e.g. an adapter's. */
export function parseWith<T>(schema: z.ZodType<T>, input: unknown, what: string): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join(".") || "(root)"}: ${issue.message}`);
  throw new ConfigError(`${what}:\n${faults.join("\n")}`);
}

/** Reads the JSON file that `QIAO_CONFIG` names. */
export async function readConfig(file: string | undefined): Promise<GatewayConfig> {
  if (file === undefined) throw new ConfigError("set QIAO_CONFIG to the path of the gateway's JSON configuration");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new ConfigError(`cannot read ${file}: ${(error as Error).message}`);
  }
  try {
    return parseConfig(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new ConfigError(`${file} is not JSON: ${error.message}`);
    throw error;
  }
}
