/** `npm run journey`: plays every story end to end as partner A, and exits with 1 if anything is off. */
import { randomBytes } from "node:crypto";
import { SandboxError } from "../../mocks/sandbox/failure.ts";
import { banking } from "./banking.ts";
import { consumer } from "./consumer.ts";
import type { Known } from "./fill.ts";
import { play } from "./play.ts";
import { openStage, type Stage } from "./stage.ts";
import type { Story } from "./step.ts";
import { told, unkept, watchVendors } from "./vendor-side.ts";

const stories = [consumer, banking];
const titleWidth = Math.max(...stories.flatMap(({ steps }) => steps.map(({ title }) => title.length)));
const stateWidth = "201 awaiting_authorisation".length;
const durationWidth = "12345 ms".length;
const idWidth = 36;
const hourMs = 60 * 60 * 1_000;

const stage = await openStage(process.env).catch((error: unknown) => {
  const expected = error instanceof SandboxError;
  print(`✗ No sandbox to play on: ${expected ? error.message : String(error instanceof Error ? error.stack : error)}`);
  process.exit(1);
});
let off = 0;
try {
  print(`Playing on ${stage.what}.`);
  for (const story of stories) off += await tell(story, stage);
  for (const mock of stage.mocks) {
    for (const { operation, where, message } of mock.violations) {
      off += 1;
      print(`✗ ${mock.adapter} ${operation}: the ${where} left the vendor's spec: ${message}`);
    }
  }
  for (const { refused } of stage.hook.deliveries) {
    if (refused === undefined) continue;
    off += 1;
    print(`✗ a webhook is not to be believed: ${refused}`);
  }
} finally {
  await stage.close();
}
print(off === 0 ? "\nEverything is as it should be." : `\n${off} ${off === 1 ? "thing is" : "things are"} off.`);
process.exitCode = off === 0 ? 0 : 1;

/** Plays one story step by step; it ends at the first step that is off, since the next ones build on it. */
async function tell(story: Story, { caller, hook, mocks, vendors }: Stage): Promise<number> {
  const run = `J-${randomBytes(6).toString("hex")}`;
  const known: Known = { ...times(), run, vendor: vendors };
  const askedOf = watchVendors(mocks);
  print(`\n${story.title} (${run})`);
  for (const [index, step] of story.steps.entries()) {
    const startedAt = performance.now();
    const { faults, status, partnerSide, vendorSide } = await play(step, caller, known, `${run}-${index}`, hook);
    const duration = `${Math.round(performance.now() - startedAt)} ms`;
    const asked = askedOf();
    if (step.kind === "wait" && step.callback !== undefined && mocks.length > 0) {
      faults.push(...unkept(step.callback, asked));
    }
    print(
      [
        faults.length === 0 ? "✓" : "✗",
        step.title.padEnd(titleWidth),
        duration.padStart(durationWidth),
        status.padEnd(stateWidth),
        partnerSide.padEnd(idWidth),
        asked.length === 0 ? vendorSide : told(asked),
      ]
        .join("  ")
        .trimEnd(),
    );
    for (const fault of faults) print(`     ${fault}`);
    if (faults.length > 0) return 1;
  }
  return 0;
}

function times(): Known {
  const now = Date.now();
  return { hourAgo: new Date(now - hourMs).toISOString(), in90Days: new Date(now + 90 * 24 * hourMs).toISOString() };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
