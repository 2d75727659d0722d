/** The vendor says each of its codes, in its own shape over the wire; the partner's answer is judged by the adapter's table. */
import { errorRow } from "#capability";
import type { OperationId } from "#capability";
import { problems } from "#specs";
import type { Bench } from "../bench.ts";
import { inParallel, prepare, send } from "../calls.ts";
import type { Performed, Prepared } from "../calls.ts";
import { finding, inWords } from "../findings.ts";
import type { Finding } from "../types.ts";
import { vendorDoc } from "../vendor-doc.ts";
import { isAskable, kindOf, waysOf } from "../ways.ts";

/** No vendor's document has it. */
export const unheard = "KIT_CODE_THAT_NOBODY_DOCUMENTED";
/** What a vendor's kitchen looks like; a partner must never see it. */
const kitchen = "Error: boom at Bank.pay (/srv/app/bank.js:10:5) at Server.handle (/srv/app/server.js:7:1)";
const kitchenMarks = /\/srv\/|\bat \w+\.\w+ \(|<\/?[a-z][^>]*>/i;

interface Case {
  operationId: OperationId;
  vendorOperation: string;
  code: string;
  prepared: Prepared;
}

/** Findings over all codes. */
export async function refusals(bench: Bench): Promise<Finding[]> {
  const { subject } = bench;
  if (bench.facts().refusal === undefined) {
    const expected = "kit.refusal: this vendor's refusal with any code, in its own shape";
    return [finding(subject, "mock.ts", expected, "the mock does not say, so no code can be tried")];
  }
  const gateway = await bench.usual();
  const cases = await casesOf(bench);
  const found = await inParallel(cases, async ({ code, vendorOperation, prepared }) => {
    const performed = await send(bench, gateway, prepared, {
      plans: [
        {
          operation: vendorOperation,
          instead: async (vendor, request, operation) => {
            const answer = await vendor.kit?.refusal?.(request, operation, { code, message: kitchen });
            if (answer === undefined) throw new Error("kit.refusal is gone");
            return answer;
          },
        },
      ],
    });
    return judge(bench, performed, vendorOperation, code);
  });
  return found.flat();
}

/** Each code where it is documented: the vendor-wide ones at one operation, those of an operation there, the unheard one at all. */
async function casesOf(bench: Bench): Promise<Case[]> {
  const gateway = await bench.usual();
  const { operations, codes } = vendorDoc(bench.subject);
  const cases: Case[] = [];
  const seen = new Set<string>();
  const ways = (await waysOf(bench)).flatMap((way) =>
    way.calls.map((vendorOperation) => ({ ...way, vendorOperation })),
  );
  const widest = ways.find(({ vendorOperation }) => operations.get(vendorOperation)?.effect !== "read") ?? ways[0];
  for (const way of ways) {
    const { operationId, vendorOperation, sample } = way;
    if (seen.has(vendorOperation)) continue;
    seen.add(vendorOperation);
    const own = operations.get(vendorOperation)?.codes ?? [];
    const here = [...(vendorOperation === widest?.vendorOperation ? codes : []), ...own, unheard];
    const prepared = await prepare(bench, gateway, operationId, sample);
    cases.push(...[...new Set(here)].map((code) => ({ operationId, vendorOperation, code, prepared })));
  }
  return cases;
}

function judge(
  bench: Bench,
  { operationId, answer, said, passed }: Performed,
  vendorOperation: string,
  code: string,
): Finding[] {
  const { subject } = bench;
  const row = errorRow(subject.adapter.errors, code, vendorOperation);
  const problem = row?.problem ?? "vendor_fault";
  const outcome = row?.outcome ?? "unknown";
  const wrong = (expected: string, happened = inWords(answer), file = "errors.ts"): Finding[] => [
    finding(subject, file, `${operationId}, when ${vendorOperation} says ${code}: ${expected}`, happened),
  ];
  if (!passed.some(({ operation, struck }) => operation === vendorOperation && struck)) return [];
  const kind = kindOf(operationId);
  if (kitchenMarks.test(answer.text))
    return wrong("nothing of the vendor's stack or pages", "it stands in the answer", "protocol.ts");
  if (answer.status < 300) {
    if (kind !== "creates") return [];
    if (outcome === "unknown" && said["status"] === "unknown") return [];
    return outcome === "unknown" ? wrong("the outcome said as unknown") : wrong(`the problem ${problem}`);
  }
  if (kind === "gets") return wrong("the resource as it stands");
  const isLost = kind === "creates" && outcome === "unknown" && !isAskable(bench, operationId);
  const wanted: readonly string[] = isLost ? ["outcome_lost"] : [problem];
  if (!wanted.includes(String(said["code"]))) return wrong(`the problem ${wanted.join(" or ")}`);
  const vendor = said["vendor"] as { code?: unknown; adapter?: unknown } | undefined;
  // A bare status is judged by the road before anything is read.
  if (vendor?.code !== code && vendor?.code !== `http_${code}`)
    return wrong("the vendor's own code", `vendor.code is ${String(vendor?.code)}`, "protocol.ts");
  if (vendor.adapter !== subject.adapter.name)
    return wrong("the adapter named", `vendor.adapter is ${String(vendor.adapter)}`);
  if (said["origin"] === "gateway") return wrong("the vendor as its origin", "origin is gateway");
  const { retry } = problems[said["code"] as keyof typeof problems];
  return said["retry"] === retry ? [] : wrong(`retry ${retry}`, `retry is ${String(said["retry"])}`);
}
