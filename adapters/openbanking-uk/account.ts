import { rejected } from "#capability";
import type { Output } from "#capability";
import type { components } from "./vendor.d.ts";

type Schemas = components["schemas"];
type BankAccount = Output<"bankAccounts.get">;
type Identifier = NonNullable<BankAccount["identifiers"]>[number];

const idPrefix = "bac_";
const maxNameLength = 64;
const maxIdentifiers = 10;

/** Kinds of account by ISO 20022 cash account type; what is not here is `other`. */
const types: Record<string, string> = {
  CACC: "current",
  TRAN: "current",
  SVGS: "savings",
  LLSV: "savings",
  MOMA: "savings",
  CARD: "credit_card",
  LOAN: "loan",
  MORT: "mortgage",
  WALT: "e_money",
};

/** Our id of an account: the bank's own, made safe for a path. */
export function ourAccountId(accountId: string): string {
  return idPrefix + Buffer.from(accountId, "utf8").toString("base64url");
}

/** The bank's id behind ours. Throws `resource_not_found` for an id that we never made. */
export function bankAccountId(id: string): string {
  const accountId = Buffer.from(id.slice(idPrefix.length), "base64url").toString("utf8");
  if (accountId === "" || ourAccountId(accountId) !== id) throw rejected("resource_not_found");
  return accountId;
}

/** An account, or undefined for one that was switched away, of which the standard lets banks tell no currency and type. */
export function accountOf(account: Schemas["Account"]): BankAccount | undefined {
  const { Currency: currency, AccountTypeCode: code, Status, OpeningDate } = account;
  if (currency === undefined || code === undefined) return undefined;
  const holder = account.Account?.find((named) => named.Name !== undefined)?.Name;
  const identifiers = (account.Account ?? []).flatMap((named) => identifierOf(named) ?? []).slice(0, maxIdentifiers);
  return {
    id: ourAccountId(account.AccountId),
    currency,
    type: types[code] ?? "other",
    ...(Status !== undefined && { status: Status === "ProForma" ? "pending" : Status.toLowerCase() }),
    ...(account.Nickname !== undefined && { nickname: account.Nickname }),
    ...(account.Description !== undefined && { description: account.Description }),
    ...(holder !== undefined && { holderName: nameOf(holder) }),
    ...(identifiers.length > 0 && { identifiers }),
    ...(OpeningDate !== undefined && { openedDate: OpeningDate.slice(0, 10) }),
  };
}

/** An account number in our words; undefined for a scheme that we have no words for. */
export function identifierOf({ SchemeName, Identification }: Schemas["NamedAccount"]): Identifier | undefined {
  if (SchemeName === undefined || Identification === undefined) return undefined;
  if (SchemeName === "UK.OBIE.SortCodeAccountNumber" && /^\d{14}$/.test(Identification)) {
    return { scheme: "uk_sort_code", sortCode: Identification.slice(0, 6), accountNumber: Identification.slice(6) };
  }
  if (SchemeName === "UK.OBIE.IBAN" && /^[A-Z]{2}\d{2}[0-9A-Z]{11,30}$/.test(Identification)) {
    return { scheme: "iban", iban: Identification };
  }
  // A card number: whatever the bank shows, no more than its last four digits leave here.
  if (SchemeName === "UK.OBIE.PAN" && /\d{4}$/.test(Identification)) {
    return { scheme: "masked", masked: `************${Identification.slice(-4)}` };
  }
  return undefined;
}

/** A name within our length, without control characters. */
function nameOf(name: string): string {
  return [...name.replace(/\p{Cc}/gu, " ")].slice(0, maxNameLength).join("");
}
