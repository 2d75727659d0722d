/** Variants of the chart's values, and what its files say without rendering. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { generateJwk, loadSignKey, publicJwks } from "#signature";
import { chartDir } from "./helm.fixture.ts";

export type Tree = { [name: string]: unknown };

/** The configuration lies in a Secret of the operator's. */
export const withSecret = { config: { existingSecret: "qiao-config" } };

/** The configuration stands in the values, with fresh keys. */
export async function withInline(store = "postgres://qiao:secret@db:5432/qiao"): Promise<{ config: { inline: Tree } }> {
  const [signing, partner] = await Promise.all([generateJwk(), generateJwk()]);
  const jwks = publicJwks([await loadSignKey(partner)]);
  const inline = {
    profile: "production",
    publicOrigin: "https://api.example.com",
    store: { url: store, keys: [{ id: "1", key: Buffer.alloc(32, 7).toString("base64url") }] },
    signing: { keys: [signing] },
    partners: [{ id: "acme", name: "Acme", scopes: ["*"], jwks }],
    adapters: {},
  };
  return { config: { inline } };
}

/** What is off by default on, and lists that are empty by default filled. */
export const everything = {
  ...withSecret,
  image: { repository: "registry.example/qiao", digest: `sha256:${"0".repeat(64)}` },
  imagePullSecrets: [{ name: "registry" }],
  autoscaling: { enabled: false },
  workers: 2,
  migrate: { databaseUrlSecret: "qiao-owner" },
  service: { type: "LoadBalancer", annotations: { "example.com/lb": "internal" } },
  metrics: { serviceMonitor: { enabled: true, labels: { release: "prometheus" } } },
  networkPolicy: {
    publicFrom: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress" } } }],
    database: { to: [{ ipBlock: { cidr: "10.1.2.0/24" } }] },
    redis: { enabled: true, to: [{ ipBlock: { cidr: "10.1.3.0/24" } }] },
    extraEgress: [{ ports: [{ port: 8443 }], to: [{ ipBlock: { cidr: "10.9.0.0/16" } }] }],
  },
  nodeSelector: { "kubernetes.io/os": "linux" },
  tolerations: [{ key: "dedicated", operator: "Exists" }],
  podAnnotations: { "example.com/a": "b" },
  podLabels: { team: "payments" },
};

export const defaults = parse(readFileSync(join(chartDir, "values.yaml"), "utf8")) as Tree;
export const schema = JSON.parse(readFileSync(join(chartDir, "values.schema.json"), "utf8")) as Tree;

/** Every `.Values.a.b` of the templates. A member of a `with .Values.a` block counts by its block. */
export function usedPaths(): string[] {
  const dir = join(chartDir, "templates");
  const texts = readdirSync(dir).map((name) => readFileSync(join(dir, name), "utf8"));
  const direct = texts.flatMap((text) => [...text.matchAll(/\.Values\.([A-Za-z0-9.]+)/g)].map(([, path = ""]) => path));
  const inBlocks = texts.flatMap((text) =>
    ["autoscaling", "networkPolicy"].flatMap((block) => {
      const body = text.split(`with .Values.${block} }}`)[1];
      if (body === undefined) return [];
      const members = Object.keys(defaults[block] as Tree).join("|");
      const path = new RegExp(`[ (]\\.((?:${members})(?:\\.[A-Za-z0-9]+)*)`, "g");
      return [...body.matchAll(path)].map(([, member = ""]) => `${block}.${member}`);
    }),
  );
  return [...new Set([...direct, ...inBlocks])].toSorted();
}

/** Every path of a tree that leads to something other than a filled object. */
export function leafPaths(tree: Tree, path: readonly string[] = []): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    isTree(value) && Object.keys(value).length > 0 ? leafPaths(value, [...path, name]) : [[...path, name].join(".")],
  );
}

/** The same of a schema that names every property. */
export function schemaPaths(of: Tree, path: readonly string[] = []): string[] {
  const { properties } = of;
  if (!isTree(properties)) return [path.join(".")];
  return Object.entries(properties).flatMap(([name, member]) => schemaPaths(member as Tree, [...path, name]));
}

/** Objects of a schema that take members which it does not name, by path. */
export function openObjects(of: Tree, path: readonly string[] = []): string[] {
  const members = isTree(of["properties"]) ? Object.entries(of["properties"]) : [];
  const open = of["properties"] !== undefined && of["additionalProperties"] !== false ? [path.join(".")] : [];
  return [...open, ...members.flatMap(([name, member]) => openObjects(member as Tree, [...path, name]))];
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
