/** Manifests against Kubernetes' own object schemas. */
import type { Manifest } from "./helm.fixture.ts";

interface Model {
  /** @throws Error naming each fault with its path */
  validate(): void;
}
type ModelClass = new (manifest: Manifest) => Model;

/**
 * What is wrong with a manifest: what its schema refuses, and the paths that its schema does not know. The schemas let unknown
 * members pass; but a validator reads every member that it knows, so what was never read is unknown.
 */
export async function faultsOf(manifest: Manifest): Promise<string[]> {
  // Each kind is a module of the package: kubernetes-models/apps/v1/Deployment.
  const path = `kubernetes-models/${manifest.apiVersion}/${manifest.kind}`;
  const module = (await import(path)) as Record<string, ModelClass>;
  const Known = module[manifest.kind];
  if (Known === undefined) throw new Error(`${path} has no ${manifest.kind}`);
  const model = new Known(manifest);
  const read = new Set<string>();
  const faults: string[] = [];
  try {
    model.validate.call(watched(model, "", read));
  } catch (error) {
    faults.push((error as Error).message);
  }
  const unknown = pathsOf(manifest).filter((each) => !read.has(each));
  return [...faults, ...unknown.map((each) => `${each} is unknown`)].map((fault) => `${nameOf(manifest)}: ${fault}`);
}

export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}

function watched<T>(value: T, path: string, read: Set<string>): T {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof name !== "string" || !Object.hasOwn(target, name)) return member;
      read.add(`${path}/${name}`);
      return watched(member, `${path}/${name}`, read);
    },
  });
}

function pathsOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [`${path}/${name}`, ...pathsOf(member, `${path}/${name}`)]);
}
