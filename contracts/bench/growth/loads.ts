/** Axes that are a matter of the load: one gateway, asked in different ways. */
import { flat, inTurns, noneFailed, warmUp } from "./points.ts";
import type { Axis, Point } from "./types.ts";

const bodyKib = [1, 16, 64] as const;
const connectionCounts = [1, 100, 1_000] as const;
const bytesPerKib = 1_024;

/** A point in the middle may lie so far above the line between the ends. */
const linearWithin = 1.2;

/** Effects with blanks after their JSON: each byte is read, hashed and parsed. */
export const bodyAxis: Axis = async (setting) => {
  const on = await setting.plain();
  const places = bodyKib.map((kib) => ({
    x: kib,
    name: `${kib} KiB`,
    on,
    round: { effectShare: 1, bodyBytes: kib * bytesPerKib },
  }));
  for (const { round } of places) await warmUp(setting, on, round);
  const points = await inTurns(setting, "body", places);
  const [first, last] = [points[0], points.at(-1)] as [Point, Point];
  const perKib = (last.cpuUs - first.cpuUs) / (last.x - first.x);
  const worst = Math.max(...points.map(({ x, cpuUs }) => cpuUs / (first.cpuUs + Math.max(0, perKib) * (x - first.x))));
  return {
    title: "body of a request",
    points,
    judged: "cpuUs",
    finding: `${perKib.toFixed(1)} µs a KiB; at most × ${worst.toFixed(2)} of the straight line`,
    holds: worst <= linearWithin && noneFailed(points),
  };
};

/** Reads one after the other, over all the open connections in turn. */
export const connectionsAxis: Axis = async (setting) => {
  const on = await setting.plain();
  const round = { effectShare: 0, inFlight: 1 };
  await warmUp(setting, on, round);
  const places = connectionCounts.map((connections) => ({ x: connections, on, round: { ...round, connections } }));
  return flat("connections, used in turn", await inTurns(setting, "connections", places, "busy"));
};
