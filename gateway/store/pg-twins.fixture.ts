import { once } from "node:events";
import { openPostgresStore } from "./pg.ts";
import { sealer } from "./seal.ts";
import { creation, payment } from "./suite-samples.ts";

/*
 * One of several gateway processes: `<name> <database> <sealing keys as JSON>`. Says `ready`, and when spoken to begins
 * payment a 25 times at once and prints what became of each.
 */
const [name = "", url = "", keys = "[]"] = process.argv.slice(2);
const store = await openPostgresStore({ url, sealer: sealer({ keys: JSON.parse(keys) as [] }) });
process.stdout.write("ready\n");
await once(process.stdin, "data");
const begun = Array.from({ length: 25 }, (_, at) =>
  store.begin(creation("a", { resource: payment(`${name}-${at}`) })).then((result) => result.kind),
);
process.stdout.write(`${JSON.stringify(await Promise.all(begun))}\n`);
await store.close();
process.stdin.destroy();
