import { startGateway } from "#gateway";
import type { GatewayConfigInput } from "#gateway";
import type { Bench } from "../bench.ts";
import { finding } from "../findings.ts";
import { kitConfig } from "../gateway.ts";
import { secretFields } from "../secrets.ts";
import type { Finding, Law } from "../types.ts";

const sandboxOrigin = "https://sandbox.vendor.example";
/** What people leave in a file that they mean to fill in. */
const placeholders = ["", "changeme"];

/** Without a whole configuration, or with a sandbox's in production, nothing starts. */
export const failClosed: Law = {
  name: "fail-closed",
  promise: "nothing starts half configured, and production refuses a sandbox",
  checks: (subject) => [
    {
      name: "no configuration, no start",
      prove: async (bench) => refused(bench, {}, "config.ts", "a ConfigError for an empty configuration"),
    },
    {
      name: "every secret is required and has no default",
      async prove(bench) {
        const fields = secretFields(subject.adapter.config);
        if (fields.length === 0) {
          const expected = 'a secret at least, named so (secret, private…, …pem) or described as "a secret"';
          return [finding(subject, "config.ts", expected, "the configuration has none")];
        }
        const findings: Finding[] = [];
        for (const field of fields) {
          const { [field]: _left, ...without } = bench.mock.config;
          findings.push(...(await refused(bench, without, "config.ts", `a ConfigError without ${field}`)));
          for (const placeholder of placeholders) {
            const spoilt = { ...bench.mock.config, [field]: placeholder };
            const expected = `a ConfigError for "${placeholder}" as ${field}`;
            findings.push(...(await refused(bench, spoilt, "config.ts", expected)));
          }
        }
        return findings;
      },
    },
    {
      name: "production refuses this mock, and any sandbox host",
      async prove(bench) {
        const { config } = bench.mock;
        const urls = Object.keys(config).filter((name) => isUrl(config[name]));
        const findings = await refused(bench, config, "index.ts", "hosts() to name the mock's host", "production");
        for (const name of urls) {
          // The other addresses are a production's, so that this one alone is at fault.
          const safe = Object.fromEntries(urls.map((each) => [each, "https://api.vendor.example"]));
          const spoilt = { ...config, ...safe, [name]: sandboxOrigin };
          const expected = `hosts() to name the host of ${name}, so that production refuses ${sandboxOrigin}`;
          findings.push(...(await refused(bench, spoilt, "index.ts", expected, "production")));
        }
        return findings;
      },
    },
  ],
};

/** A finding if a gateway starts with this configuration of the adapter's. */
async function refused(
  bench: Bench,
  config: Record<string, unknown>,
  file: string,
  expected: string,
  profile: GatewayConfigInput["profile"] = "sandbox",
): Promise<Finding[]> {
  const { subject, dir, keys } = bench;
  const { adapter, adaptersDir } = subject;
  const whole = await kitConfig({ dir, adaptersDir, keys, adapters: { [adapter.name]: config } }, 0);
  const publicOrigin = profile === "production" ? "https://gateway.example" : "http://127.0.0.1:1";
  try {
    const running = await startGateway({ ...whole, profile, publicOrigin, logLevel: "silent" });
    await running.drain();
    return [finding(subject, file, expected, "the gateway started")];
  } catch (error) {
    if (error instanceof Error && error.name === "ConfigError") return [];
    return [finding(subject, file, expected, `it failed with ${String(error)}`)];
  }
}

function isUrl(value: unknown): boolean {
  return typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
}
