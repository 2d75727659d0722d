import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { gatewayConfig, maxWorkers } from "./schema.ts";
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

/**
 * How many processes are to serve: `--workers N` of the command line, else `workers` of the configuration.
 * @throws ConfigError for anything else on the command line, and where the store is for one process.
 */
export function workersOf(config: GatewayConfig, args: readonly string[]): number {
  const [flag, value, ...rest] = args.flatMap((arg) => (arg.startsWith("--workers=") ? arg.split("=", 2) : [arg]));
  if (flag === undefined) return config.workers;
  const workers = /^\d{1,2}$/.test(value ?? "") ? Number(value) : 0;
  if (flag !== "--workers" || rest.length > 0 || workers < 1 || workers > maxWorkers) {
    throw new ConfigError(`usage: gateway [--workers N], N from 1 to ${maxWorkers}`);
  }
  // By the schema, so that one text says what several workers need.
  return parseConfig({ ...config, workers }).workers;
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
