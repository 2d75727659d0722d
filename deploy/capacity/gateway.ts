/** What the rate asks of the gateway's processes, and where they end. */
import { aim, assumed, bounds } from "./inputs.ts";
import type { BenchResults, StoreCosts } from "./inputs.ts";
import { number } from "./numbers.ts";
import { row } from "./rows.ts";
import type { Row } from "./rows.ts";

const { effectsPerSecond: rate } = aim;
const readRate = rate * assumed.readsPerEffect;
const meanRate = rate * assumed.meanShare;
const unmeasured = "**not measured: needs contracts/bench/results.json**";

export function gatewayRows(bench: BenchResults | undefined): Row[] {
  const inFlight = rate * assumed.vendorSeconds;
  const byBulkhead = Math.ceil(inFlight / bounds.inFlightPerVendorGroup);
  const byWebhooks = Math.ceil((rate * assumed.webhookSeconds) / bounds.webhooksInFlight);
  const byCpu = bench === undefined ? undefined : Math.ceil(coresOf(bench) / assumed.cpuShare);
  const processes = byCpu === undefined ? undefined : Math.max(byCpu, byBulkhead, byWebhooks);
  const cpu =
    bench === undefined
      ? "effects/s × cpu_ms_per_effect + reads/s × cpu_ms_per_read"
      : `(${number(rate)} × ${number(bench.effect.cpuMs)} ms + ${number(readRate)} × ${number(bench.read.cpuMs)} ms) ÷ 1,000`;
  return [
    row("cores busy", cpu, bench === undefined ? unmeasured : number(coresOf(bench))),
    row(
      "processes, by CPU",
      `cores ÷ ${assumed.cpuShare}, one core each`,
      byCpu === undefined ? unmeasured : number(byCpu),
    ),
    row("calls at vendors at once", `${number(rate)}/s × ${assumed.vendorSeconds} s (Little)`, number(inFlight)),
    row(
      "processes, by the bulkhead, if all go to one vendor's group",
      `${number(inFlight)} ÷ ${bounds.inFlightPerVendorGroup}`,
      number(byBulkhead),
    ),
    row(
      "processes, by webhooks",
      `${number(rate)}/s × ${assumed.webhookSeconds} s ÷ ${bounds.webhooksInFlight} in flight`,
      number(byWebhooks),
    ),
    row(
      "webhooks/s to one host, all processes",
      `processes × ${bounds.webhooksInFlightPerHost} ÷ ${assumed.webhookSeconds} s`,
      processes === undefined
        ? unmeasured
        : number((processes * bounds.webhooksInFlightPerHost) / assumed.webhookSeconds),
    ),
    row(
      "connections to PostgreSQL",
      `processes × ${bounds.connectionsPerProcess}`,
      processes === undefined
        ? `at least ${number(Math.max(byBulkhead, byWebhooks) * bounds.connectionsPerProcess)} (${unmeasured})`
        : number(processes * bounds.connectionsPerProcess),
    ),
    row(
      "Redis, operations/s",
      "(effects + reads)/s × 1 for the rate, reads/s × 1 for the nonce",
      number(rate + readRate * 2),
    ),
  ];
}

function coresOf({ effect, read }: BenchResults): number {
  return (rate * effect.cpuMs + readRate * read.cpuMs) / 1_000;
}

export function limitRows(store: StoreCosts): Row[] {
  const { complete } = store.effect.batched;
  const perSecond = complete === undefined ? undefined : 1_000 / complete.ms;
  const pruned = Math.ceil((rate * assumed.meanShare) / bounds.prunedRowsPerSecond);
  return [
    row(
      "commits/s with events of one partner",
      "one after the other, under the partner's lock: 1,000 ÷ ms of one `complete`",
      perSecond === undefined ? "not measured" : number(perSecond),
    ),
    row(
      "effects/s of one partner",
      `× units of a batch, ${complete === undefined ? "?" : number(complete.units)} as measured`,
      perSecond === undefined || complete === undefined ? "not measured" : number(perSecond * complete.units),
    ),
    row(
      "processes that prune fast enough",
      `${number(meanRate)} nonces and claims/s ÷ ${number(bounds.prunedRowsPerSecond)} rows/s each`,
      number(pruned),
    ),
  ];
}
