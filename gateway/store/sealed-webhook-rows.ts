import type { Place, Sealer } from "./seal.ts";
import { sealedText } from "./sealed-text.ts";
import type { AttemptRow, DueDelivery, EndpointRow, EventRow, NewEndpoint, NewEvent } from "./store-webhooks.ts";
import type {
  AttemptUnitRow,
  ChangeEndpointUnit,
  NewSealedEndpoint,
  NewSealedEvent,
  SealedDueDelivery,
  SealedEndpoint,
  SealedEvent,
} from "./units-webhooks.ts";

const eventPlace = (id: string): Place => ({ table: "events", column: "data", row: [id] });
const endpointPlace = (id: string, column: "url" | "description" | "secrets"): Place => ({
  table: "endpoints",
  column,
  row: [id],
});

export type EndpointChange = Partial<
  Pick<EndpointRow, "url" | "types" | "description" | "secrets" | "status" | "disabledBecause">
>;

/** Sealed of events and endpoints: the data, and the URL, the description and the secrets. */
export function sealedWebhookRows(sealer: Sealer) {
  const { sealText, openText, sealJson, openJson } = sealedText(sealer);

  const openEvent = ({ data, ...rest }: SealedEvent): EventRow => ({
    ...rest,
    data: openJson(eventPlace(rest.id), data),
  });
  const openEndpoint = ({ url, description, secrets, disabledBecause, ...rest }: SealedEndpoint): EndpointRow => ({
    ...rest,
    url: openText(endpointPlace(rest.id, "url"), url),
    secrets: openJson(endpointPlace(rest.id, "secrets"), secrets) as EndpointRow["secrets"],
    ...(description === null ? {} : { description: openText(endpointPlace(rest.id, "description"), description) }),
    ...(disabledBecause === null ? {} : { disabledBecause }),
  });

  return {
    openEvent,
    openEndpoint,

    sealEvent: ({ id, type, data }: NewEvent): NewSealedEvent => ({ id, type, data: sealJson(eventPlace(id), data) }),

    sealEndpoint({ id, partner, url, types, description, secrets, createdAtMs }: NewEndpoint): NewSealedEndpoint {
      return {
        id,
        partner,
        types,
        createdAtMs,
        url: sealText(endpointPlace(id, "url"), url),
        description: description === undefined ? null : sealText(endpointPlace(id, "description"), description),
        secrets: sealJson(endpointPlace(id, "secrets"), secrets),
      };
    },

    sealChange(id: string, change: EndpointChange, nowMs: number): ChangeEndpointUnit {
      const { url, description, secrets } = change;
      return {
        id,
        types: change.types,
        status: change.status,
        disabledBecause: change.disabledBecause,
        url: url === undefined ? undefined : sealText(endpointPlace(id, "url"), url),
        description: description === undefined ? undefined : sealText(endpointPlace(id, "description"), description),
        secrets: secrets === undefined ? undefined : sealJson(endpointPlace(id, "secrets"), secrets),
        nowMs,
      };
    },

    openDue: ({ delivery, event, endpoint }: SealedDueDelivery, leaseUntilMs: number): DueDelivery => ({
      delivery,
      event: openEvent(event),
      endpoint: openEndpoint(endpoint),
      leaseUntilMs,
    }),

    attemptOf: ({ status, error, ...rest }: AttemptUnitRow): AttemptRow => ({
      ...rest,
      ...(status === null ? {} : { status }),
      ...(error === null ? {} : { error }),
    }),
  };
}
