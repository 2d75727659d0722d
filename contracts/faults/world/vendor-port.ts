import type { Http } from "../../../gateway/outbound/http.ts";
import type { Ledger } from "./ledger.ts";
import { strike } from "./place.ts";
import type { Place } from "./place.ts";

/** A request that hangs is carried out so long after it was sent: its caller has long given up, recovery not yet. */
const lateEffectMs = 12_000;
/** A slow vendor still answers, near the end of the deadline. */
const slowAnswerMs = 9_000;

type Answer = { status: number; headers: Record<string, string>; data: Buffer };

/** The wire to the vendors, as the last outbound layer sees it. Requests that were sent arrive, whoever dies meanwhile. */
export function vendorPort(ledgers: ReadonlyMap<string, Ledger>, place: Place): Http {
  const request = (config: { url: string; method: string; data?: Buffer; signal: AbortSignal }): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (!place.alive()) return;
      const url = new URL(config.url);
      const ledger = ledgers.get(url.hostname.split(".")[0] ?? "");
      if (ledger === undefined) throw new Error(`no vendor at ${url.host}`);
      const body = config.data === undefined ? {} : (JSON.parse(config.data.toString()) as Record<string, string>);
      const { time } = place;
      const there = place.weather.legMs("vendor");
      const back = place.weather.legMs("vendor");
      const effect = (): Answer => said(ledger.handle({ method: config.method, path: url.pathname, body }));
      const ifAlive = (settle: () => void) => () => (place.alive() && !config.signal.aborted ? settle() : undefined);
      const answerIn = (delayMs: number, answer: Answer) =>
        time.after(
          delayMs,
          place.owner,
          ifAlive(() => resolve(answer)),
        );
      const breakIn = (delayMs: number, code: string) =>
        time.after(
          delayMs,
          place.owner,
          ifAlive(() => reject(Object.assign(new Error(code), { code }))),
        );
      config.signal.addEventListener("abort", () => (place.alive() ? reject(new Error("aborted")) : undefined), {
        once: true,
      });
      const what = `${ledger.name} ${config.method} ${url.pathname.replace(/\/[0-9a-f]{32}/, "/…")}`;
      switch (strike(place, { port: "vendor", what })) {
        case "fails_before":
          return void breakIn(there, "ECONNREFUSED");
        case "swallowed":
          return;
        case "error_before":
          return void answerIn(there + back, page(500));
        case "busy":
          return void answerIn(there + back, said({ status: 429, body: { code: "BUSY" } }));
        case "hangs":
          return void time.after(lateEffectMs, undefined, effect);
        case "dies_before":
          return void time.after(0, place.owner, () => place.die());
        case "dies_after":
          time.after(there, undefined, effect);
          return void time.after(there, place.owner, () => place.die());
        case "slow":
          return void time.after(there, undefined, () => answerIn(slowAnswerMs, effect()));
        case "fails_after":
          return void time.after(there, undefined, () => (effect(), breakIn(back, "ECONNRESET")));
        case "error_after":
          return void time.after(
            there,
            undefined,
            () => (effect(), answerIn(back, said({ status: 500, body: { code: "E" } }))),
          );
        case "page_after":
          return void time.after(there, undefined, () => (effect(), answerIn(back, page(502))));
        case "garbled_after":
          return void time.after(there, undefined, () => {
            const { data, ...rest } = effect();
            answerIn(back, { ...rest, data: data.subarray(0, -3) });
          });
        case "altered_after":
          return void time.after(there, undefined, () => {
            const { data, ...rest } = effect();
            answerIn(back, { ...rest, data: Buffer.from(data.toString().replace(/"amount":"\d+/, '"amount":"7')) });
          });
        default:
          return void time.after(there, undefined, () => answerIn(back, effect()));
      }
    });
  return { client: { request } as unknown as Http["client"], close: () => Promise.resolve() };
}

function said({ status, body }: { status: number; body: unknown }): Answer {
  return { status, headers: { "content-type": "application/json" }, data: Buffer.from(JSON.stringify(body)) };
}

function page(status: number): Answer {
  const data = Buffer.from("<html><h1>Sorry</h1></html>");
  return { status, headers: { "content-type": "text/html" }, data };
}
