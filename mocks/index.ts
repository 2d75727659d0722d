/** The vendors, played: what a `mock.ts` is made of, and how one is started. */
export { defineMock } from "./types.ts";
export type {
  Exchange,
  MockContext,
  MockDefinition,
  MockVendor,
  RunningMock,
  Table,
  Violation,
  WireAnswer,
  WireFault,
  WireRequest,
} from "./types.ts";
export type { KitFacts, Lie, Sample } from "./kit-facts.ts";
export { html } from "./harness/html.ts";
export type { Page, PageAction } from "./harness/html.ts";
export { startMock } from "./harness/start.ts";
export type { StartMockOptions } from "./harness/start.ts";
