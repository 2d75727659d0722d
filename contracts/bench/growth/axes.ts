import { adaptersAxis, operationsAxis, partnersAxis } from "./builds.ts";
import { bodyAxis, connectionsAxis } from "./loads.ts";
import { processesAxis } from "./processes.ts";
import { backlogAxis, pruningAxis, storedAxis } from "./stores.ts";
import type { Axis, AxisFigures, Scale, Setting } from "./types.ts";
import { vendorAxis } from "./vendor.ts";
import { openStage } from "../stage.ts";
import type { StartedBuild } from "../stage.ts";

export const axes = {
  operations: operationsAxis,
  adapters: adaptersAxis,
  partners: partnersAxis,
  body: bodyAxis,
  connections: connectionsAxis,
  vendor: vendorAxis,
  processes: processesAxis,
  stored: storedAxis,
  backlog: backlogAxis,
  pruning: pruningAxis,
} satisfies Record<string, Axis>;

export type AxisName = keyof typeof axes;

export function isAxis(name: string): name is AxisName {
  return Object.hasOwn(axes, name);
}

/** Each axis on a stage of its own, so that none pays for the builds of those before. */
export async function grow(
  names: readonly AxisName[],
  scale: Scale,
  say: (line: string) => void,
): Promise<Partial<Record<AxisName, AxisFigures>>> {
  const figures: Partial<Record<AxisName, AxisFigures>> = {};
  for (const name of names) {
    const stage = await openStage();
    let plain: Promise<StartedBuild> | undefined;
    const setting: Setting = { ...scale, stage, say, plain: () => (plain ??= stage.start("qiao")) };
    try {
      figures[name] = await axes[name](setting);
      say(`${name}: ${figures[name].finding}`);
    } finally {
      await stage.close();
    }
  }
  return figures;
}
