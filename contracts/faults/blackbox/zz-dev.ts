import { runBlackBox } from "./index.ts";
import { readFileSync } from "node:fs";
const [minutes, seed, engine, processes] = process.argv.slice(2);
let last = 0;
const historyFile = `/tmp/bb-history-${seed}-${engine}.json`;
const r = await runBlackBox({
  minutes: Number(minutes),
  seed: Number(seed),
  engine: (engine ?? "sqlite") as never,
  processes: Number(processes ?? 1) as never,
  historyFile,
  onProgress: (l) => {
    const n = Date.now();
    if (n - last > 3000) {
      last = n;
      console.log(l);
    }
  },
});
console.log(JSON.stringify({ ...r, violations: r.violations.length }));
const h = JSON.parse(readFileSync(historyFile, "utf8"));
const tally = (xs: string[]) =>
  console.log(
    JSON.stringify(
      Object.fromEntries(
        [...Map.groupBy(xs, (x) => x)].map(([k, v]) => [k, v.length] as const).toSorted((a, b) => b[1] - a[1]),
      ),
    ),
  );
tally(
  h.effects.map((e: any) => {
    const d = e.attempts.findLast((a: any) => a.verdict === "ok" || a.verdict === "failed") ?? e.attempts.at(-1);
    return `${e.operation} ${d?.verdict} ${d?.status ?? ""} ${d?.state ?? d?.code}`;
  }),
);
tally(
  h.effects.flatMap((e: any) =>
    e.attempts.map((a: any) => `${a.status ?? ""} ${a.code ?? a.state}${a.replayed ? " R" : ""}`),
  ),
);
tally(h.finals.map((f: any) => `${f.id.slice(0, 3)} ${f.status} ${f.state}`));
tally(h.trespasses.map((t: any) => `${t.what} ${t.status}`));
console.log(
  "arrivals",
  h.arrivals.length,
  "ids",
  new Set(h.arrivals.map((a: any) => a.webhookId)).size,
  "reads",
  h.reads.length,
  "drains",
  JSON.stringify(h.drains),
);
for (const v of r.violations.slice(0, 40)) console.log(v.invariant, v.what);
