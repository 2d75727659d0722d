import type { Finding, Subject } from "./types.ts";

/** Findings as a person reads them; empty when there are none. */
export function told(findings: readonly Finding[]): string {
  return findings
    .map(({ expected, happened, look }) => `expected  ${expected}\nhappened  ${happened}\nlook at   ${look}`)
    .join("\n\n");
}

/** One finding. `file` is below the adapter's folder. */
export function finding(
  { adapter }: Pick<Subject, "adapter">,
  file: string,
  expected: string,
  happened: string,
): Finding {
  return { expected, happened, look: `adapters/${adapter.name}/${file}` };
}

/** Where an operation of ours is mapped, by the way adapters name their files. */
export function fileOf(operationId: string): string {
  const capability = operationId.split(".")[0] ?? "";
  return `${capability.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
}

/** An answer in few words, without its values. */
export function inWords(answer: { status: number; body: unknown }): string {
  const { code, status, vendor, retry, errors } = (answer.body ?? {}) as Record<string, unknown>;
  const places = Array.isArray(errors) ? errors.map((error) => JSON.stringify(error)).join(" ") : undefined;
  const words = [code, places, typeof status === "string" ? `status ${status}` : undefined];
  if (typeof vendor === "object" && vendor !== null)
    words.push(`vendor ${String((vendor as { code?: unknown }).code)}`);
  if (typeof retry === "string") words.push(`retry ${retry}`);
  const known = words.filter((word) => word !== undefined);
  return known.length === 0 ? String(answer.status) : `${answer.status} (${known.join(", ")})`;
}
