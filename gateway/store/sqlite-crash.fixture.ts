import { openSqliteStore } from "./sqlite.ts";
import { sealer } from "./seal.ts";
import { completion, creation } from "./suite-samples.ts";

/*
 * A process to be killed: `<database> <sealing keys as JSON>`. It completes payment a, begins payment b, says
 * `committed` once both have resolved, and goes on writing until `kill -9`.
 */
const [path = "", keys = "[]"] = process.argv.slice(2);
const store = await openSqliteStore({ path, sealer: sealer({ keys: JSON.parse(keys) as [] }) });
await store.begin(creation("a"));
await store.complete(completion("a"));
await store.begin(creation("b"));
process.stdout.write("committed\n");
for (let at = 0; ; at += 1) await store.begin(creation(`more-${at}`));
