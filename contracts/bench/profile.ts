/** Where the main thread's time goes: self times of a CPU profile, by stage of the road and by function. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}
export interface Profile {
  nodes: ProfileNode[];
  samples: number[];
  timeDeltas: number[];
}

export interface SelfTime {
  name: string;
  /** Share of the time in which the thread was not idle. */
  share: number;
}

const project = fileURLToPath(new URL("../..", import.meta.url));
const resting = new Set(["(idle)", "(program)", "(root)"]);

/** What a frame belongs to: a file of ours without its suffix, a package, or Node itself. */
function placeOf({ url, functionName }: ProfileNode["callFrame"]): string {
  if (functionName === "(garbage collector)") return "garbage collector";
  if (url.startsWith("node:")) return url.split("/").slice(0, 2).join("/");
  const packages = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (packages?.[1] !== undefined) return packages[1];
  if (url.startsWith("file:")) return relative(project, fileURLToPath(url)).replace(/\.ts$/, "");
  return url === "" ? "native" : url;
}

/** Self times by place, by function, and, for what no stage owns (packages, Node), by the nearest caller of ours. */
export function selfTimes({
  nodes,
  samples,
  timeDeltas,
}: Profile): Record<"stages" | "places" | "functions", SelfTime[]> {
  const parents = new Map<number, number>();
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const ownerOf = (id: number | undefined): string => {
    for (let at = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame !== undefined && frame.url.startsWith("file:") && !frame.url.includes("node_modules"))
        return placeOf(frame);
    }
    return "outside (sockets, timers)";
  };
  const sums = {
    stages: new Map<string, number>(),
    places: new Map<string, number>(),
    functions: new Map<string, number>(),
  };
  const add = (map: Map<string, number>, key: string, by: number) => map.set(key, (map.get(key) ?? 0) + by);
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id);
    const spent = timeDeltas[index] ?? 0;
    if (node === undefined || resting.has(node.callFrame.functionName)) continue;
    total += spent;
    const place = placeOf(node.callFrame);
    add(sums.places, place, spent);
    add(
      sums.functions,
      `${node.callFrame.functionName || "(anonymous)"} ${place}:${node.callFrame.lineNumber + 1}`,
      spent,
    );
    add(sums.stages, place === "garbage collector" ? place : ownerOf(id), spent);
  }
  const shares = (map: Map<string, number>): SelfTime[] =>
    [...map].map(([name, spent]) => ({ name, share: spent / total })).toSorted((a, b) => b.share - a.share);
  return { stages: shares(sums.stages), places: shares(sums.places), functions: shares(sums.functions) };
}
