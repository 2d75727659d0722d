import type { CapabilityName } from "#capability";
import { Problem } from "#problem";
import type { ResourceRow } from "#store";
import { moveForward, stored } from "../operations/index.ts";
import type { OperationPorts } from "../operations/index.ts";
import { ask } from "./loop.ts";

/** What an operator may do about a resource whose outcome nobody learned. Each act is written to the audit chain first. */
export interface Operator {
  /** Asks the vendor now. */
  ask(id: string, by: string): Promise<ResourceRow>;
  /**
   * Settles it by hand, forward only, with a reason. `changes` are the fields that the new status needs (e.g. `paidAt`); the
   * result must be what the contract says a resource looks like.
   */
  settle(id: string, settlement: Settlement): Promise<ResourceRow>;
}

interface Settlement {
  status: string;
  changes: Record<string, unknown>;
  reason: string;
  by: string;
}

export function operator(ports: OperationPorts): Operator {
  const find = async (id: string): Promise<ResourceRow> => {
    const row = await ports.store.resource(id);
    if (row === undefined) throw new Problem("resource_not_found");
    return row;
  };
  const audit = (row: ResourceRow, facts: Record<string, string | number>) =>
    ports.store.appendAudit([
      {
        atMs: ports.now().getTime(),
        requestId: "",
        kind: "operator",
        partner: row.partner,
        facts: { resource: row.id, version: row.version, status: row.status, ...facts },
      },
    ]);
  return {
    async ask(id, by) {
      const row = await find(id);
      await audit(row, { act: "ask", by });
      await ask(ports, { resource: row, asks: 0 });
      return find(id);
    },
    async settle(id, { status, changes, reason, by }) {
      const row = await find(id);
      const body = { ...stored(row).body, ...changes, id: row.id, status, updatedAt: ports.now().toISOString() };
      const violation = ports.checkAnswer(`${row.kind as CapabilityName}.get` as never, 200, body);
      if (violation !== undefined)
        throw new Problem("request_invalid", { detail: `The settled resource: ${violation}.` });
      await audit(row, { act: "settle", by, reason, to: status });
      const moved = await moveForward(ports, row, { outcome: "done", body }, "settled by hand");
      if (moved.status !== status) {
        throw new Problem("resource_state_conflict", {
          detail: `${id} is ${moved.status}; it cannot become ${status}.`,
        });
      }
      return moved;
    },
  };
}
