/** Which fields of an adapter's configuration are secrets, by their names and descriptions, and what stands in them. */
import { z } from "zod";
import type { Adapter } from "#capability";

const secretName = /secret|private|password|passphrase|token|pem$|apikey|accesskey|signingkey|sharedkey/i;
const publicName = /public|id$|url$|jwks$/i;
/** Members of a private JWK (RFC 7518) that are secret. */
const jwkMembers = ["d", "p", "q", "dp", "dq", "qi", "k"];

interface Described {
  description?: string;
}

/** Every field of the configuration with its description. */
export function configFields(config: Adapter["config"]): Record<string, Described> {
  const schema = z.toJSONSchema(config, { io: "input", unrepresentable: "any" }) as {
    properties?: Record<string, Described>;
    allOf?: { properties?: Record<string, Described> }[];
  };
  return Object.assign({}, schema.properties, ...(schema.allOf ?? []).map(({ properties }) => properties)) as Record<
    string,
    Described
  >;
}

/** Names of the secret fields: called so, or described as "a secret". */
export function secretFields(config: Adapter["config"]): string[] {
  return Object.entries(configFields(config))
    .filter(
      ([name, { description = "" }]) =>
        (secretName.test(name) && !publicName.test(name)) || /\ba secret\b/i.test(description),
    )
    .map(([name]) => name);
}

/** The secret texts of a configuration, line by line where one is a PEM. */
export function secretTexts(config: Adapter["config"], value: Record<string, unknown>): string[] {
  return secretFields(config)
    .flatMap((name) => textsOf(value[name]))
    .flatMap((text) => text.split("\n"))
    .filter((text) => text.length >= 16 && !text.startsWith("-----"));
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return jwkMembers.flatMap((name) => textsOf((value as Record<string, unknown>)[name]));
}
