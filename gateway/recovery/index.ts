/** What became of what is open: asked of the vendors, and past a bound of an operator. */
export { startRecovery } from "./loop.ts";
export { operator } from "./operator.ts";
export { recoveryRoutes } from "./routes.ts";
