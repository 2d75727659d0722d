/** One change of each class to schemas. */
import { at, listIn, schema, without } from "./seeded.fixture.ts";
import type { Seeded } from "./seeded.fixture.ts";

export const seededSchemas: readonly Seeded[] = [
  [
    "a field removed from answers",
    "breaking",
    (d) => without(at(schema(d, "IdentityCheck"), "properties"), "carrier"),
    "IdentityCheck/carrier, in answers: removed",
  ],
  [
    "a field added to answers",
    "additive",
    (d) => (at(schema(d, "IdentityCheck"), "properties")["more"] = { type: "string" }),
    "IdentityCheck/more, in answers: added",
  ],
  [
    "a field of answers made optional",
    "breaking",
    (d) => listIn(schema(d, "IdentityCheck"), "required").pop(),
    "is no longer required",
  ],
  [
    "a field removed from requests",
    "breaking",
    (d) => without(at(schema(d, "ConsentRequest"), "properties"), "institution"),
    "ConsentRequest/institution, in requests: removed",
  ],
  [
    "an optional field added to requests",
    "additive",
    (d) => (at(schema(d, "ConsentRequest"), "properties")["more"] = { type: "string" }),
    "ConsentRequest/more, in requests: added",
  ],
  [
    "a required field added to requests",
    "breaking",
    (d) => {
      at(schema(d, "ConsentRequest"), "properties")["more"] = { type: "string" };
      listIn(schema(d, "ConsentRequest"), "required").push("more");
    },
    "ConsentRequest/more, in requests: added and required",
  ],
  [
    "a field of requests made required",
    "breaking",
    (d) => listIn(schema(d, "ConsentRequest"), "required").push("reference"),
    "ConsentRequest/reference, in requests: became required",
  ],
  [
    "a field of requests made optional",
    "additive",
    (d) => listIn(schema(d, "ConsentRequest"), "required").pop(),
    "in requests: is no longer required",
  ],
  [
    "a pattern tightened",
    "breaking",
    (d) => (schema(d, "NationalId")["pattern"] = "^[0-9]{18}$"),
    "NationalId, in requests: pattern",
  ],
  [
    "a limit tightened",
    "breaking",
    (d) => (schema(d, "PersonName")["maxLength"] = 10),
    "PersonName, in requests: maxLength 64 → 10",
  ],
  [
    "a limit loosened for requests",
    "additive",
    (d) => (schema(d, "ReturnUrl")["maxLength"] = 4_096),
    "ReturnUrl, in requests: maxLength 2048 → 4096",
  ],
  [
    "a limit loosened for answers",
    "breaking",
    (d) => (at(schema(d, "MaskedAccount"), "properties", "masked")["maxLength"] = 999),
    "MaskedAccount/masked, in answers: maxLength 40 → 999",
  ],
  [
    "a type changed",
    "breaking",
    (d) => (at(schema(d, "CreditReportRequest"), "properties", "daysRequested")["type"] = "string"),
    'type "integer" → "string"',
  ],
  [
    "an enum value lost in answers",
    "breaking",
    (d) => listIn(at(schema(d, "CapabilityEntry"), "properties", "proof"), "enum").pop(),
    "CapabilityEntry/proof, in answers: enum lost live",
  ],
  [
    "an enum value gained in answers",
    "breaking",
    (d) => listIn(at(schema(d, "CapabilityEntry"), "properties", "proof"), "enum").push("seen"),
    "enum gained seen",
  ],
  [
    "an enum value lost in requests",
    "breaking",
    (d) => listIn(at(schema(d, "CreditReportRequest"), "properties", "purpose"), "enum").pop(),
    "in requests: enum lost",
  ],
  [
    "an enum value gained in requests",
    "additive",
    (d) => listIn(at(schema(d, "CreditReportRequest"), "properties", "purpose"), "enum").push("audit"),
    "in requests: enum gained audit",
  ],
  [
    "an alternative gained where the list grows",
    "additive",
    (d) => listIn(schema(d, "Event"), "oneOf").push({ $ref: "#/components/schemas/Refund" }),
    "Event, in answers: oneOf gained Refund",
  ],
  [
    "an alternative lost",
    "breaking",
    (d) => listIn(schema(d, "IdentityCheckRequest"), "oneOf").pop(),
    "oneOf lost bank_card_four_factor",
  ],
  [
    "a state that may follow",
    "breaking",
    (d) => listIn(at(schema(d, "Refund"), "x-states"), "succeeded").push("failed"),
    "from succeeded a resource may now become failed",
  ],
  [
    "a field of a webhook removed",
    "breaking",
    (d) => without(at(schema(d, "RefundFailedEvent"), "properties"), "createdAt"),
    "RefundFailedEvent/createdAt, in answers: removed",
  ],
  ["a keyword that nobody classed", "breaking", (d) => (schema(d, "Money")["x-novel"] = true), "x-novel none → true"],
  [
    "a description reworded",
    "docs",
    (d) => (schema(d, "Money")["description"] = "Money."),
    "Money, in answers: description changed",
  ],
];
