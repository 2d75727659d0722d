import { nameOf } from "#capability";
import type { Adapter, OperationId } from "#capability";
import type { LoadedAdapter } from "#outbound";
import { ConfigError } from "../config/index.ts";
import type { GatewayConfig } from "../config/index.ts";
import { Problem } from "#problem";
import { unproven } from "./production.ts";

export { adapterFolders, discoverAdapters } from "./discover.ts";

export interface Routing {
  /**
   * Adapters for an operation, in the order in which to ask them; empty if none supports it. Problem: `operation_unsupported`
   * with the reason where the only ones that do are refused.
   */
  candidates(operationId: OperationId, partner: string): LoadedAdapter[];
  /** The adapter of that name, which a resource remembers. */
  adapter(name: string): LoadedAdapter | undefined;
  all(): readonly LoadedAdapter[];
  /** Why nothing new is routed to an adapter; undefined where it is. Absent: to all of them it is. */
  refused?(adapter: LoadedAdapter): string | undefined;
}

/** Operation and partner → adapters, by the configured routes; without a route every adapter that claims it, by name. */
export function createRouting(
  config: GatewayConfig,
  adapters: readonly LoadedAdapter[],
  random: () => number,
): Routing {
  const byName = new Map(adapters.map((adapter) => [adapter.manifest.name, adapter]));
  for (const route of config.routes) {
    for (const { name } of route.adapters) {
      const adapter = byName.get(name);
      if (adapter === undefined) throw new ConfigError(`routes: adapter ${name} is not configured`);
      if (!Object.hasOwn(adapter.manifest.capabilities, route.capability)) {
        throw new ConfigError(`routes: adapter ${name} does not claim ${route.capability}`);
      }
    }
  }
  const refused = ({ manifest }: LoadedAdapter): string | undefined =>
    config.profile === "production" ? unproven(manifest) : undefined;
  return {
    candidates(operationId, partner) {
      const { capability } = nameOf(operationId);
      const routes = config.routes.filter((route) => route.capability === capability);
      const route =
        routes.find((each) => each.partner === partner) ?? routes.find((each) => each.partner === undefined);
      const ordered =
        route === undefined
          ? adapters
          : route.adapters
              // Weighted order within a priority (Efraimidis & Spirakis 2006): each key is random^(1/weight).
              .map((entry) => ({ ...entry, key: random() ** (1 / entry.weight) }))
              .toSorted((a, b) => a.priority - b.priority || b.key - a.key)
              .map(({ name }) => byName.get(name) as LoadedAdapter);
      const able = ordered.filter((adapter) => supports(adapter.manifest, operationId));
      const trusted = able.filter((adapter) => refused(adapter) === undefined);
      const [first] = able;
      if (trusted.length === 0 && first !== undefined) {
        throw new Problem("operation_unsupported", { detail: `${first.manifest.name}: ${refused(first)}` });
      }
      return trusted;
    },
    adapter: (name) => byName.get(name),
    all: () => adapters,
    refused,
  };
}

/** Whether the manifest maps the operation. */
export function supports(manifest: Adapter, operationId: OperationId): boolean {
  const { capability, verb } = nameOf(operationId);
  const handlers = (manifest.capabilities as Record<string, object | undefined>)[capability];
  return handlers !== undefined && Object.hasOwn(handlers, verb);
}
