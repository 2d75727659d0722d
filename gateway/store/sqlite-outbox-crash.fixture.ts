import { openSqliteStore } from "./sqlite.ts";
import { sealer } from "./seal.ts";
import { completion, creation, endpointOf, eventOf, nowMs, payment } from "./suite-samples.ts";

/*
 * A process to be killed: `<database> <sealing keys as JSON>`. It begins and completes payments, several at once, each
 * completion with its event, says `telling` after the first, and goes on until `kill -9`.
 */
const [path = "", keys = "[]"] = process.argv.slice(2);
const store = await openSqliteStore({ path, sealer: sealer({ keys: JSON.parse(keys) as [] }) });
await store.addEndpoint(endpointOf("a"));
const tell = async (name: string): Promise<void> => {
  await store.begin(creation(name, { resource: payment(name, { askAtMs: nowMs }) }));
  await store.complete(completion(name, { resource: { ...completion(name).resource!, event: eventOf(name, 2) } }));
};
await tell("first");
process.stdout.write("telling\n");
for (let at = 0; ; at += 1) await Promise.all([0, 1, 2, 3, 4].map((lane) => tell(`${lane}-${at}`)));
