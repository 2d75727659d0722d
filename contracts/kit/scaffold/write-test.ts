/** The test that comes with the folder, and the road that it runs on. */
import { camel } from "./names.ts";
import type { Plan } from "./plan.ts";
import { secretNames } from "./write-protocol.ts";

const text = (value: unknown): string => JSON.stringify(value);

/** The test that comes with the folder: the first call, whole, and what a wrong credential gets. */
export function testFile(plan: Plan): string {
  const { auth, first } = plan;
  const call = camel(first.operation);
  const wrong = auth.kind === "other" ? undefined : secretNames(auth).at(-1);
  const input = text(first.input);
  const good =
    auth.kind === "other"
      ? `  it("sends nothing until its signing is written", async () => {
    await expect(ask(mock.config)).rejects.toMatchObject({ code: "internal_error", outcome: "not_sent" });
    expect(mock.exchanges).toEqual([]);
  });`
      : `  it("answers in its own shape", async () => {
    await expect(ask(mock.config)).resolves.not.toThrow();
    expect(mock.exchanges.at(-1)).toMatchObject({ operation: ${text(first.operation)} });
    expect(mock.violations).toEqual([]);
  });`;
  const bad =
    wrong === undefined
      ? ""
      : `

  it("refuses a wrong credential", async () => {
    await expect(ask({ ...mock.config, ${wrong}: "not-the-right-one" })).rejects.toBeInstanceOf(Fault);
    expect(mock.violations).toEqual([]);
  });`;
  return `import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ${wrong === undefined ? "" : "Fault"} } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { ${call} } from "./calls.ts";
import { withVendor } from "./road.fixture.ts";
import definition from "./mock.ts";

let mock: RunningMock;

beforeAll(async () => {
  mock = await startMock(definition);
});
afterAll(() => mock.stop());

const ask = (config: Record<string, unknown>) => withVendor(config, (vendor) => ${call}(vendor, ${input}));

describe(${text(plan.title)}, () => {
${good}${bad}
});
`.replace(/import \{ {2}\} from "#capability";\n/, "");
}

export const roadFile = `import type { VendorClient } from "#capability";
import { createOutbound, loadVendorSpec, startBudget } from "#outbound";
import adapter from "./index.ts";
import type { operations } from "./vendor.d.ts";

const deadlineMs = 5_000;

/** Runs \`work\` with the real way to the vendor: deadline, retries, signing, the check of every answer. */
export async function withVendor<T>(
  input: Record<string, unknown>,
  work: (vendor: VendorClient<operations>) => Promise<T>,
): Promise<T> {
  const config = adapter.config.parse(input);
  const spec = await loadVendorSpec(adapter.spec);
  const loaded = { manifest: adapter, config, spec, hosts: new Set(adapter.hosts(config)), errors: adapter.errors };
  const outbound = createOutbound({
    observe: () => undefined,
    onBreaker: () => undefined,
    now: () => new Date(),
    random: () => 0,
  });
  const budget = startBudget(deadlineMs);
  const origin = { requestId: "req_test", traceparent: \`00-\${"1".repeat(32)}-\${"2".repeat(16)}-01\`, operationId: "test" };
  try {
    return await work(outbound.client({ adapter: loaded as never, reference: "0".repeat(32), origin, budget }) as never);
  } finally {
    budget.stop();
    await outbound.close();
  }
}
`;
