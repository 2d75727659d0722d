import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { strikes } from "../../../mocks/faults/index.ts";
import type { Plan } from "../../../mocks/faults/index.ts";
import { flownInto } from "../flown.ts";
import type { Bench } from "../bench.ts";
import { inParallel, perform } from "../calls.ts";
import type { Performed } from "../calls.ts";
import { finding } from "../findings.ts";
import type { KitGateway } from "../gateway.ts";
import { secretTexts } from "../secrets.ts";
import type { Check, Finding, Law } from "../types.ts";
import { waysOf } from "../ways.ts";

interface Story {
  gateway: KitGateway;
  performed: Performed[];
  /** Personal values that were sent, and the vendor's secrets. */
  personal: string[];
  secrets: string[];
}

/** What people and vendors entrusted to us is seen by nobody whom it does not concern. */
export const silence: Law = {
  name: "silence",
  promise: "no personal value and no secret in a log line, metric, transcript, problem, file or address",
  checks: () => [
    seen("log lines", "protocol.ts", ({ gateway }) =>
      Promise.resolve([gateway.lines.map((line) => JSON.stringify(line)).join("\n")]),
    ),
    seen("metrics", "protocol.ts", async ({ gateway }) => [await gateway.admin("/metrics")]),
    seen("transcripts", "protocol.ts", ({ gateway, performed }) =>
      inParallel(performed, ({ answer }) => gateway.admin(`/transcripts/${answer.headers["request-id"] ?? ""}`)),
    ),
    seen("problems", "errors.ts", ({ performed }) =>
      Promise.resolve(performed.filter(({ answer }) => answer.status >= 400).map(({ answer }) => answer.text)),
    ),
    seen("the store's files", "index.ts", ({ gateway }) => filesOf(gateway.storeFile)),
    { name: "no secret in an address", prove: addresses },
  ],
};

function seen(where: string, file: string, texts: (story: Story) => Promise<string[]>): Check {
  return {
    name: `nothing in ${where}`,
    async prove(bench) {
      const story = await storyOf(bench);
      const flown = flownInto((await texts(story)).join("\n"), [...story.personal, ...story.secrets]);
      if (flown.length === 0) return [];
      const kinds = flown.map((value) => (story.secrets.includes(value) ? "a secret" : `${value.slice(0, 6)}…`));
      const happened = `${flown.length} found: ${[...new Set(kinds)].slice(0, 5).join(", ")}`;
      return [finding(bench.subject, file, `no personal value and no secret in ${where}`, happened)];
    },
  };
}

/** Every way well, refused in words that quote the request, and with an answer that cannot be read; one run for all checks. */
function storyOf(bench: Bench): Promise<Story> {
  return bench.shared("the story", async () => {
    const ways = (await waysOf(bench)).filter(({ calls }) => calls.length > 0);
    bench.canaries.clear();
    const gateway = await bench.gateway();
    const todo = ways.flatMap((way) => [
      { way, plans: [] },
      ...way.calls.flatMap((operation) => [
        { way, plans: [quoting(bench, operation)].filter((plan) => plan !== undefined) },
        { way, plans: [{ operation, strike: strikes.off_spec }] },
        { way, plans: [{ operation, strike: strikes.reset }] },
      ]),
    ]);
    const performed = await inParallel(todo, ({ way, plans }) =>
      perform(bench, gateway, way.operationId, { sample: way.sample, plans }),
    );
    const secrets = secretTexts(bench.subject.adapter.config, bench.mock.config);
    return { gateway, performed, personal: [...bench.canaries], secrets };
  });
}

/** A refusal that repeats what it was sent, as vendors do who mean to help. */
function quoting(bench: Bench, operation: string): Plan | undefined {
  const code = bench.subject.adapter.errors.find((row) => row.outcome === "rejected" && !row.code.endsWith("*"))?.code;
  if (code === undefined || bench.facts().refusal === undefined) return undefined;
  return {
    operation,
    async instead(vendor, request, id) {
      const quoted = [...bench.canaries].filter((canary) => request.body.includes(canary)).join(" ");
      const message = `invalid value ${quoted}`;
      const answer = await vendor.kit?.refusal?.(request, id, { code, message });
      return answer ?? { status: 500 };
    },
  };
}

async function filesOf(storeFile: string): Promise<string[]> {
  const folder = dirname(storeFile);
  const files = (await readdir(folder)).filter((file) => file.startsWith(basename(storeFile)));
  return Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
}

async function addresses(bench: Bench): Promise<Finding[]> {
  const { secrets } = await storyOf(bench);
  const found = new Set<string>();
  for (const { operation, request } of bench.layer.passed) {
    const target = request.target + decodeURIComponent(request.target.replaceAll(/%(?![0-9a-f]{2})/gi, "%25"));
    if (secrets.some((secret) => target.includes(secret))) found.add(operation);
  }
  return [...found].map((operation) =>
    finding(
      bench.subject,
      "protocol.ts",
      `no secret in the address of ${operation}`,
      "one stands there, for every proxy to log",
    ),
  );
}
