import type { RawAnswer, VendorRequest } from "#capability";
import type { Http } from "../../../gateway/outbound/http.ts";
import type { Ledger } from "./ledger.ts";
import { strike } from "./place.ts";
import type { Place } from "./place.ts";

/** A request that hangs is carried out so long after it was sent: its caller has long given up, recovery not yet. */
const lateEffectMs = 12_000;
/** A slow vendor still answers, near the end of the deadline. */
const slowAnswerMs = 9_000;

/** The wire to the vendors, as the last outbound layer sees it. Requests that were sent arrive, whoever dies meanwhile. */
export function vendorPort(ledgers: ReadonlyMap<string, Ledger>, place: Place): Http {
  const send = (request: VendorRequest, signal: AbortSignal): Promise<RawAnswer> =>
    new Promise((resolve, reject) => {
      if (!place.alive()) return;
      const { url } = request;
      const ledger = ledgers.get(url.hostname.split(".")[0] ?? "");
      if (ledger === undefined) throw new Error(`no vendor at ${url.host}`);
      const body = request.body === undefined ? {} : (JSON.parse(request.body.toString()) as Record<string, string>);
      const { time } = place;
      const there = place.weather.legMs("vendor");
      const back = place.weather.legMs("vendor");
      const effect = (): RawAnswer => said(ledger.handle({ method: request.method, path: url.pathname, body }));
      const ifAlive = (settle: () => void) => () => (place.alive() && !signal.aborted ? settle() : undefined);
      const answerIn = (delayMs: number, answer: RawAnswer) =>
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
      signal.addEventListener("abort", () => (place.alive() ? reject(new Error("aborted")) : undefined), {
        once: true,
      });
      const what = `${ledger.name} ${request.method} ${url.pathname.replace(/\/[0-9a-f]{32}/, "/…")}`;
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
            const { bytes, ...rest } = effect();
            answerIn(back, { ...rest, bytes: bytes.subarray(0, -3) });
          });
        case "altered_after":
          return void time.after(there, undefined, () => {
            const { bytes, ...rest } = effect();
            answerIn(back, { ...rest, bytes: Buffer.from(bytes.toString().replace(/"amount":"\d+/, '"amount":"7')) });
          });
        default:
          return void time.after(there, undefined, () => answerIn(back, effect()));
      }
    });
  return { send, close: () => Promise.resolve() };
}

function said({ status, body }: { status: number; body: unknown }): RawAnswer {
  return { status, headers: { "content-type": "application/json" }, bytes: Buffer.from(JSON.stringify(body)) };
}

function page(status: number): RawAnswer {
  const bytes = Buffer.from("<html><h1>Sorry</h1></html>");
  return { status, headers: { "content-type": "text/html" }, bytes };
}
