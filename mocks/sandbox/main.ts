/** `npm start`: the gateway and every mock vendor in one process, until Ctrl-C. */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Compiled code is kept beside the packages: whoever may write there can change the program anyway. Where it cannot be written, all
// runs without. The store's worker thread finds it by the variable. It must come before everything else is imported.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("../../node_modules/.cache/qiao", import.meta.url));
enableCompileCache(process.env["NODE_COMPILE_CACHE"]);
await import("./run.ts");
