/** The one customer of the bank: fixed accounts and entries, made of arithmetic so that every run sees the same. */
export interface CustomerAccount {
  AccountId: string;
  Currency: "GBP";
  AccountCategory: "Personal";
  AccountTypeCode: string;
  Nickname: string;
  Description: string;
  scheme: string;
  number: string;
  holder: string;
  balancePence: number;
}

const holder = "Mr Kevin Joyner";
export const customerAccounts: readonly CustomerAccount[] = [
  account("22289", "CACC", "Bills", "Current account", "UK.OBIE.SortCodeAccountNumber", "80174210203348", 123_000),
  account("31820", "SVGS", "Rainy day", "Savings account", "UK.OBIE.IBAN", "GB33BUKB20201555555555", 5_000_000),
  account("41112", "CARD", "Travel card", "Credit card", "UK.OBIE.PAN", "************4721", -25_050),
];

function account(
  AccountId: string,
  AccountTypeCode: string,
  Nickname: string,
  Description: string,
  scheme: string,
  number: string,
  balancePence: number,
): CustomerAccount {
  const fixed = { Currency: "GBP", AccountCategory: "Personal" } as const;
  return { AccountId, ...fixed, AccountTypeCode, Nickname, Description, scheme, number, holder, balancePence };
}

/** An entry before permissions are applied. */
export interface Entry {
  id: string;
  credit: boolean;
  pending: boolean;
  bookedAt: Date;
  pence: number;
  text: string;
  other: { Name: string; Identification: string };
  merchantCode?: string;
}

const newestEntryAt = Date.parse("2026-11-20T10:43:07Z");
const dayMs = 86_400_000;
const entriesOf: Readonly<Record<string, number>> = { "22289": 65, "31820": 3, "41112": 12 };
const others = [
  { Name: "Aubrey Lane", Identification: "80174210203349" },
  { Name: "Riverside Grocery", Identification: "20000055779911", merchantCode: "5411" },
  { Name: "City Water", Identification: "40478470872490", merchantCode: "4900" },
  { Name: "Harbour Payroll Ltd", Identification: "08080021325698" },
] as const;

/** An account's entries, newest first: one a day, the newest of the current account still pending. */
export function entries(accountId: string): Entry[] {
  return Array.from({ length: entriesOf[accountId] ?? 0 }, (_, index) => {
    const { Name, Identification, ...rest } = others[index % others.length] ?? others[0];
    const credit = index % others.length === 3;
    return {
      id: `${accountId}-${String(1_000 + index)}`,
      credit,
      pending: accountId === "22289" && index === 0,
      bookedAt: new Date(newestEntryAt - index * dayMs),
      pence: credit ? 150_000 : 1_000 + ((index * 37) % 900),
      text: credit ? `Salary from ${Name}` : `Payment to ${Name}`,
      other: { Name, Identification },
      ...rest,
    };
  });
}

/** Pence as the standard writes money. */
export function pounds(pence: number): { Amount: string; Currency: "GBP" } {
  const positive = Math.abs(pence);
  const rest = String(positive % 100).padStart(2, "0");
  return { Amount: `${Math.floor(positive / 100)}.${rest}`, Currency: "GBP" };
}
