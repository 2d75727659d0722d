import { nameOf } from "#capability";
import type { Adapter, OperationId } from "#capability";
import { operations } from "#specs";
import { ConfigError } from "../config/index.ts";

/**
 * Every verb of a claimed capability is mapped or listed as unsupported with a reason, never both and never neither;
 * nothing is claimed that the contract lacks; the name is the folder's. Throws a `ConfigError`: a manifest that promises wrongly stops the start.
 */
export function checkManifest(manifest: Adapter, folder: string): void {
  const wrong = (what: string) => new ConfigError(`adapters/${folder}/index.ts: ${what}`);
  if (manifest.name !== folder) throw wrong(`name is ${manifest.name}, the folder ${folder}`);
  for (const [capability, handlers] of Object.entries(manifest.capabilities)) {
    for (const verb of Object.keys(handlers)) {
      if (!Object.hasOwn(operations, `${capability}.${verb}`)) throw wrong(`the contract has no ${capability}.${verb}`);
    }
  }
  const unsupported = new Set(manifest.unsupported.map(({ operation }) => operation as string));
  for (const [capability, handlers] of Object.entries(manifest.capabilities)) {
    for (const operationId of Object.keys(operations)) {
      const { capability: name, verb } = nameOf(operationId as OperationId);
      if (name !== capability) continue;
      const mapped = Object.hasOwn(handlers, verb);
      if (mapped && unsupported.has(operationId)) throw wrong(`${operationId} is mapped and listed as unsupported`);
      if (!mapped && !unsupported.has(operationId))
        throw wrong(`${operationId} is neither mapped nor listed as unsupported`);
    }
  }
  for (const { operation, why } of manifest.unsupported) {
    if (!Object.hasOwn(operations, operation)) throw wrong(`unsupported names no operation: ${operation}`);
    if (why.trim() === "") throw wrong(`unsupported ${operation} gives no reason`);
  }
}
