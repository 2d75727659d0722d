import type { ResourceName } from "#specs";
import { movesOf, openStory, prepareStory, sentAfter, storyGateway } from "../callback-stories.ts";
import type { Bench } from "../bench.ts";
import { creationOf, send } from "../calls.ts";
import { finding, inWords } from "../findings.ts";
import type { Finding } from "../types.ts";
import { waysOf } from "../ways.ts";

/** How long a vendor has to be early, and one whose customer brings the callback, which is after the answer. */
const earlyWithinMs = 1_200;
const customerWithinMs = 200;

/** The callback comes while the creation is still to be answered: nothing is lost, and it counts once. */
export async function early(bench: Bench, capability: ResourceName): Promise<Finding[]> {
  const gateway = await storyGateway(bench);
  const { byCustomer } = await bench.shared(`a story of ${capability}`, () => openStory(bench, capability));
  const prepared = await prepareStory(bench, capability);
  const way = (await waysOf(bench)).find(({ operationId }) => operationId === creationOf(capability));
  const last = way?.calls.at(-1);
  if (last === undefined) return [];
  const { promise: answered, resolve: release } = Promise.withResolvers<void>();
  const before = bench.layer.tap.sent.length;
  const creation = send(bench, gateway, prepared, { plans: [{ operation: last, until: answered }] });
  const giveUp = setTimeout(release, byCustomer ? customerWithinMs : earlyWithinMs);
  const callback = await Promise.race([
    sentAfter(bench, gateway, before).catch(() => undefined),
    creation.then(() => undefined),
  ]);
  if (callback !== undefined) await bench.layer.tap.send(callback);
  clearTimeout(giveUp);
  release();
  const { answer, said } = await creation;
  if (callback === undefined) return [];
  const wrong = (expected: string, happened: string): Finding[] => [
    finding(
      bench.subject,
      "callbacks.ts",
      `${capability}, called back before its creation was answered: ${expected}`,
      happened,
    ),
  ];
  if (answer.status >= 300) return wrong("the creation to succeed", inWords(answer));
  // A vendor whose callback was not taken repeats it.
  await bench.layer.tap.send(callback);
  const steps = (await movesOf(gateway, String(said["id"]))).filter(({ cause }) => cause === "callback");
  return steps.length === 1 ? [] : wrong("one step by the callback, repeated or not", `${steps.length} steps`);
}
