/** Reads a vendor's document, `adapters/<vendor>/vendor.openapi.yaml`. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import { digestOf } from "./digest.ts";

/** Files of ours, so the bound is there for mistakes only. */
const maxAliasCount = 10_000;
const require = createRequire(import.meta.url);

export interface VendorDocument {
  /** Of the YAML file's bytes. */
  digest: string;
  document: unknown;
  /** Whether `checkSchemas` passed it when it was generated. */
  checked: boolean;
}

/** `vendor.openapi.json`: what `npm run generate` made of a YAML file, and the digests of both. */
interface Generated {
  source: string;
  sum: string;
  document: unknown;
}

/**
 * The document that a YAML file holds; a fresh copy each time. Parsing YAML takes a hundred times as long as parsing JSON, so the
 * `vendor.openapi.json` beside it is read instead, if it was made of the very same bytes and is whole. Throws if there is no such
 * file or it is no YAML.
 */
export function readVendorDocument(file: URL): VendorDocument {
  const source = readFileSync(file);
  const digest = digestOf(source);
  const generated = readGenerated(file);
  return generated?.source === digest && generated.sum === sumOf(generated.document)
    ? { digest, document: generated.document, checked: true }
    : { digest, document: parseVendorDocument(source), checked: false };
}

/** Text of the `vendor.openapi.json` that belongs to a YAML file, whose document has passed `checkSchemas`. */
export function generatedVendorDocument(source: Buffer, document: unknown): string {
  const generated: Generated = { source: digestOf(source), sum: sumOf(document), document };
  return JSON.stringify(generated);
}

/** Parses the YAML itself. */
export function parseVendorDocument(source: Buffer): unknown {
  // Loaded here only: a gateway whose files are in order never needs it.
  const { parse } = require("yaml") as typeof Yaml;
  return parse(source.toString(), { maxAliasCount });
}

function readGenerated(file: URL): Generated | undefined {
  try {
    return JSON.parse(readFileSync(new URL(file.href.replace(/\.ya?ml$/, ".json")), "utf8")) as Generated;
  } catch {
    return undefined;
  }
}

function sumOf(document: unknown): string {
  return digestOf(JSON.stringify(document) ?? "");
}
