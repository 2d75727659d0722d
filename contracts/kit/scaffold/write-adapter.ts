/** The adapter's own files: manifest, capabilities, configuration, error table, a first typed call. */
import { camel, kebab, operationsOf } from "./names.ts";
import type { Plan } from "./plan.ts";
import { configFields } from "./write-protocol.ts";

const text = (value: unknown): string => JSON.stringify(value);

export function indexFile({ name, title, capabilities, auth }: Plan): string {
  const imports = capabilities.map((each) => `import { ${each} } from "./${kebab(each)}.ts";`);
  const unsupported = capabilities
    .flatMap(operationsOf)
    .map((operation) => `{ operation: ${text(operation)}, why: "to be mapped" },`);
  const hosts =
    auth.kind === "oauth2"
      ? `hosts: ({ baseUrl, tokenUrl }) => [...new Set([new URL(baseUrl).host, new URL(tokenUrl).host])],`
      : `hosts: ({ baseUrl }) => [new URL(baseUrl).host],`;
  return `import { defineAdapter } from "#capability";
import { config } from "./config.ts";
import { errors } from "./errors.ts";
import { protocol } from "./protocol.ts";
${imports.join("\n")}

export default defineAdapter({
  name: ${text(name)},
  title: ${text(title)},
  kind: "vendor",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  config,
  ${hosts}
  protocol,
  errors,
  capabilities: { ${capabilities.join(", ")} },
  unsupported: [${unsupported.join("\n")}],
  proof: { grade: "declared" },
});
`;
}

export function capabilityFile(capability: string): string {
  return `import type { Capability } from "#capability";
import type { Config } from "./config.ts";
import type { operations } from "./vendor.d.ts";

/** A verb that is mapped here leaves the list of unsupported ones in index.ts. */
export const ${capability}: Partial<Capability<${text(capability)}, operations, Config>> = {};
`;
}

export function configFile(plan: Plan): string {
  const fields = configFields(plan).map(
    ({ name, schema, describe }) => `${name}: ${schema}.describe(${text(describe)}),`,
  );
  return `import { z } from "zod";

const address = z
  .url({ protocol: /^https?$/ })
  .refine((url) => url.startsWith("https://") || new URL(url).hostname === "127.0.0.1", "https, or http to 127.0.0.1");

/** How ${plan.title} is reached. Secrets have no default: without them the gateway does not start. */
export const config = z.strictObject({
${fields.join("\n")}
});

export type Config = z.infer<typeof config>;
`;
}

/** What a status says of a code that was found with it. */
function meaningOf(status: number | undefined): { problem: string; outcome: string } {
  if (status === undefined || status >= 500) return { problem: "vendor_fault", outcome: "unknown" };
  if (status === 401 || status === 403) return { problem: "vendor_unauthenticated", outcome: "not_sent" };
  if (status === 429) return { problem: "vendor_rate_limited", outcome: "not_sent" };
  return { problem: "vendor_rejected", outcome: "rejected" };
}

export function errorsFile({ codes }: Plan): string {
  const rows = codes.map(({ code, meaning, status }) => {
    const { problem, outcome } = meaningOf(status);
    const note = `${meaning.replaceAll(/\s+/g, " ").slice(0, 160)}${status === undefined ? " (found without a status)" : ""}`;
    return `{ code: ${text(code)}, problem: ${text(problem)}, outcome: ${text(outcome)}, note: ${text(note)} },`;
  });
  return `import type { ErrorTable } from "#capability";

/**
 * The error codes that the vendor's document names. The HTTP status that each was found with decides until somebody has
 * read what it means; where the document leaves the status open, nothing is known of the effect. Most specific first.
 */
export const errors: ErrorTable = [
${rows.join("\n")}
];
`;
}

export function callsFile({ first, endpoints }: Plan): string {
  const { summary = "" } = endpoints.find(({ operation }) => operation === first.operation) ?? {};
  const name = camel(first.operation);
  const operation = text(first.operation);
  return `import type { VendorAnswer, VendorClient, VendorInput } from "#capability";
import type { operations } from "./vendor.d.ts";

/** \`${first.operation}\`${summary === "" ? "" : `: ${summary.replaceAll("*/", "")}`}. Both sides are typed by vendor.openapi.yaml. */
export async function ${name}(
  vendor: VendorClient<operations>,
  input: VendorInput<operations[${operation}]>,
): Promise<VendorAnswer<operations[${operation}]>["body"]> {
  const { body } = await vendor.call(${operation}, input);
  return body;
}
`;
}
