import type { VendorClient } from "#capability";
import { startMock } from "#mocks";
import { about, aboutRefund, byCode, creation, doneOf, kept, referenceOf } from "./calls.fixture.ts";
import type { Order } from "./calls.fixture.ts";
import { clientOf } from "./client.fixture.ts";
import { configSchema } from "./config.ts";
import { instalments } from "./instalments.ts";
import definition from "./mock.ts";
import { refunds } from "./refunds.ts";
import { startSeller } from "./seller.fixture.ts";
import type { operations } from "./vendor.d.ts";

type View = ReturnType<typeof kept>;
type RefundArguments = Parameters<typeof aboutRefund>;

const deadlineMs = 400;
/** Long enough ago that nothing can still be under way at the mock. */
export const longAgoMs = 60_000;

/** The mock, a seller that is notified, and the adapter's verbs against them. */
export async function startWorld() {
  const [mock, seller] = await Promise.all([startMock(definition), startSeller()]);
  const config = configSchema.parse(mock.config);
  const vendor: VendorClient<operations> = clientOf(config, deadlineMs);
  const around = { config, callbackUrl: seller.url };

  const create = (reference: string, order: Order) =>
    doneOf(instalments.create(creation(reference, order, around), vendor));
  return {
    mock,
    seller,
    config,
    vendor,
    around,
    create,
    ask(resource: View) {
      if (instalments.get === "stored") throw new Error("get asks the vendor");
      return doneOf(instalments.get(about("instalments.get", resource, around), vendor));
    },
    cancel: (resource: View) => doneOf(instalments.cancel(about("instalments.cancel", resource, around), vendor)),
    askRefund(...asked: RefundArguments) {
      if (refunds.get === "stored") throw new Error("get asks the vendor");
      return doneOf(refunds.get(aboutRefund(...asked), vendor));
    },
    /** A credit that was paid with this payment code. */
    async paidCredit(code: string): Promise<{ reference: string; view: View }> {
      const [reference, order] = [referenceOf(), byCode(code)];
      return { reference, view: kept(reference, order, await create(reference, order)) };
    },
    async stop() {
      await Promise.all([mock.stop(), seller.stop()]);
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;
