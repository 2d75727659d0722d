/** The vendor of the black box: alipay-huabei's mock, its books open to the judge, its callbacks through bad weather. */
import { startMock } from "#mocks";
import type { MockContext, MockDefinition, RunningMock } from "#mocks";
import alipay from "../../../adapters/alipay-huabei/mock.ts";
import type { LedgerTrade } from "./history.ts";
import type { Choices } from "./random.ts";
import type { Tally } from "./tally.ts";
import { calm } from "./weather.ts";
import type { Weather } from "./weather.ts";

const maxLateMs = 1_500;
const stormCopies = 20;

export interface BookedVendor {
  mock: RunningMock;
  ledger(): LedgerTrade[];
  setWeather(weather: Weather): void;
}

/** What the mock keeps of a trade; money in yuan with two decimals. */
interface KeptTrade {
  subject: string;
  totalAmount: string;
  status: string;
  paidAt?: string;
  refunds: { amount: string; at?: string }[];
}

type Send = MockContext["send"];

/** Starts it. Callbacks go to one of `receivers()`, whatever public origin they were meant for. */
export async function startBookedVendor(
  receivers: () => readonly string[],
  choices: Choices,
  tally: Tally,
): Promise<BookedVendor> {
  let weather = calm;
  let trades: ReturnType<typeof tradesOf> | undefined;
  const definition: MockDefinition = {
    ...alipay,
    create(context) {
      trades = tradesOf(context);
      const send = relay(context, { receivers, choices, tally, weather: () => weather });
      return alipay.create({ ...context, send });
    },
  };
  const mock = await startMock(definition);
  return { mock, ledger: () => (trades?.entries() ?? []).map(([, trade]) => booked(trade)), setWeather };

  function setWeather(next: Weather): void {
    weather = next;
  }
}

const tradesOf = (context: MockContext) => context.table<KeptTrade>("trades");

/** `"12.34"` yuan → 1234n. */
export function fenOf(yuan: string): bigint {
  if (!/^\d+\.\d{2}$/.test(yuan)) throw new TypeError("yuan have two decimals");
  return BigInt(yuan.replace(".", ""));
}

function booked({ subject, totalAmount, status, paidAt, refunds }: KeptTrade): LedgerTrade {
  return {
    subject,
    amountFen: fenOf(totalAmount),
    paid: paidAt !== undefined,
    closed: status === "TRADE_CLOSED",
    refunds: refunds.map(({ amount, at }) => ({ amountFen: fenOf(amount), made: at !== undefined })),
  };
}

interface Surroundings {
  receivers: () => readonly string[];
  choices: Choices;
  tally: Tally;
  weather(): Weather;
}

/** The way of a callback: to a process that lives, unless it is lost, refused, late, or comes in numbers. */
function relay(context: MockContext, { receivers, choices, tally, weather }: Surroundings): Send {
  const deliver: Send = (request) => {
    const [first, ...rest] = receivers();
    if (first === undefined) throw new Error("no process to call back");
    const { pathname, search } = new URL(request.url);
    return context.send({ ...request, url: `${choices.pick([first, ...rest])}${pathname}${search}` });
  };
  return async (request) => {
    const fault = choices.weighted(weather().callbacks);
    if (fault !== "pass") tally.add(`callback: ${fault}`);
    switch (fault) {
      case "drop":
        // The vendor believes that it was taken, and never repeats it.
        return { status: 200, headers: {}, body: "success" };
      case "refuse":
        throw new Error("the callback met a closed door");
      case "delay":
        context.later(choices.between(50, maxLateMs), async () => void (await deliver(request)));
        return { status: 200, headers: {}, body: "success" };
      case "twice":
        return (await Promise.all([deliver(request), deliver(request)]))[0];
      case "storm": {
        const copies = Array.from({ length: stormCopies }, () => deliver(request));
        const [first] = await Promise.all(copies);
        if (first === undefined) throw new Error("a storm of nothing");
        return first;
      }
      default:
        return deliver(request);
    }
  };
}
