import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { errorRow } from "#capability";
import { accountOf, bankAccountId, identifierOf, ourAccountId } from "./account.ts";
import { queryOfNext, readCursor, writeCursor } from "./cursor.ts";
import { balanceOf, transactionOf } from "./entries.ts";
import { errors } from "./errors.ts";
import { compare, initiationOf } from "./initiation.ts";
import { moneyOf, sameAmount } from "./money.ts";
import { progressOf } from "./progress.ts";
import type { components } from "./vendor.d.ts";

type Schemas = components["schemas"];
const reference = "0123456789abcdef0123456789abcdef";

describe("errors", () => {
  it("have a row for every code that the spec documents", () => {
    const spec = readFileSync(new URL("./vendor.openapi.yaml", import.meta.url), "utf8");
    const section = spec.slice(spec.indexOf("x-error-codes:\n"), spec.indexOf("\npaths:"));
    const codes = [...section.matchAll(/^ {2}"?([A-Za-z0-9_]+)"?: /gm)].map(([, code = ""]) => code);
    expect(codes.length).toBeGreaterThan(70);
    expect(codes.filter((code) => errorRow(errors, code, "CreateDomesticPayments") === undefined)).toEqual([]);
  });

  it("never call a payment refused because it was made already", () => {
    for (const code of ["U029", "U035", "U038", "U000"]) {
      expect(errorRow(errors, code, "CreateDomesticPayments")?.outcome).toBe("unknown");
    }
  });
});

describe("money", () => {
  it.each([
    ["007.50", "7.50"],
    ["0", "0"],
    ["10.50000", "10.50"],
    ["10.1234", "10.1234"],
    ["0000000000001", "1"],
    ["1.5", "1.5"],
  ])("%s becomes %s", (theirs, ours) => {
    expect(moneyOf({ Amount: theirs, Currency: "GBP" })).toEqual({ amount: ours, currency: "GBP" });
  });

  it("is refused beyond four decimals and compared by value", () => {
    expect(() => moneyOf({ Amount: "1.00001", Currency: "GBP" })).toThrow("scale");
    expect(sameAmount("10.5", "10.50")).toBe(true);
    expect(sameAmount("10.5", "10.05")).toBe(false);
    expect(sameAmount("100", "10")).toBe(false);
  });
});

describe("accounts", () => {
  it("have ids that survive the way there and back, and no others", () => {
    for (const id of ["22289", "a/b?c", "Ä-40"]) {
      expect(ourAccountId(id)).toMatch(/^bac_[A-Za-z0-9_-]{1,128}$/);
      expect(bankAccountId(ourAccountId(id))).toBe(id);
    }
    expect(() => bankAccountId("bac_22289=")).toThrow();
    expect(() => bankAccountId("bac_")).toThrow();
  });

  it("show numbers in our words, cards only by their end, and leave out what was switched away", () => {
    expect(identifierOf({ SchemeName: "UK.OBIE.IBAN", Identification: "GB33BUKB20201555555555" })).toEqual({
      scheme: "iban",
      iban: "GB33BUKB20201555555555",
    });
    expect(identifierOf({ SchemeName: "UK.OBIE.PAN", Identification: "4111111111111111" })).toEqual({
      scheme: "masked",
      masked: "************1111",
    });
    expect(identifierOf({ SchemeName: "UK.OBIE.Paym", Identification: "07123456789" })).toBeUndefined();
    expect(accountOf({ AccountId: "1" })).toBeUndefined();
    const named = { SchemeName: "UK.OBIE.BBAN", Identification: "1", Name: "x".repeat(100) };
    const shown = accountOf({ AccountId: "1", Currency: "GBP", AccountTypeCode: "ODFT", Account: [named] });
    expect(shown).toEqual({ id: ourAccountId("1"), currency: "GBP", type: "other", holderName: "x".repeat(64) });
  });
});

describe("entries", () => {
  const amount = { Amount: "12.30", Currency: "GBP" };

  it("map a debit with its creditor, its merchant and the balance after it", () => {
    const entry: Schemas["Transaction"] = {
      AccountId: "1",
      TransactionId: "t",
      CreditDebitIndicator: "Debit",
      Status: "BOOK",
      BookingDateTime: "2026-11-20T11:43:07+01:00",
      Amount: amount,
      TransactionInformation: "Groceries",
      MerchantDetails: { MerchantName: "Grocer", MerchantCategoryCode: "5411" },
      CreditorAccount: {
        SchemeName: "UK.OBIE.SortCodeAccountNumber",
        Identification: "80174210203349",
        Name: "Aubrey",
      },
      Balance: { CreditDebitIndicator: "Debit", Type: "ITBD", Amount: { Amount: "5.00", Currency: "GBP" } },
    };
    expect(transactionOf(entry)).toEqual({
      id: "t",
      status: "booked",
      direction: "debit",
      amount: { amount: "12.30", currency: "GBP" },
      bookedAt: "2026-11-20T10:43:07.000Z",
      description: "Groceries",
      counterparty: {
        name: "Aubrey",
        account: { scheme: "uk_sort_code", sortCode: "801742", accountNumber: "10203349" },
      },
      category: "mcc:5411",
      balance: { amount: "-5.00", currency: "GBP" },
    });
  });

  it("map a balance", () => {
    const balance = {
      AccountId: "1",
      CreditDebitIndicator: "Debit",
      Type: "CLBD",
      DateTime: "2026-11-22T00:00:00+00:00",
      Amount: amount,
    } as const;
    expect(balanceOf(balance)).toEqual({
      type: "closing_booked",
      direction: "debit",
      amount: { amount: "12.30", currency: "GBP" },
      asOfAt: "2026-11-22T00:00:00.000Z",
    });
  });
});

describe("cursors", () => {
  const page = new URL("https://api.bank.example/open-banking/v4.0/aisp/accounts/1/transactions?x=1");

  it("carry the bank's query and our place in its page", () => {
    const position = { query: queryOfNext(`${page.href.split("?")[0]}?page=2&token=a%2Bb`, page), offset: 7 };
    expect(position.query).toEqual({ page: "2", token: "a+b" });
    expect(readCursor(writeCursor(position))).toEqual(position);
  });

  it.each([
    "https://evil.example/open-banking/v4.0/aisp/accounts/1/transactions?page=2",
    "https://api.bank.example/other",
    "http://[",
  ])("do not follow %s", (next) => {
    expect(() => queryOfNext(next, page)).toThrow("elsewhere");
  });

  it("are refused when they are not ours or too long", () => {
    for (const text of ["", "abc", Buffer.from('{"q":1,"o":0}').toString("base64url")])
      expect(() => readCursor(text)).toThrow();
    expect(() => writeCursor({ query: { token: "x".repeat(500) }, offset: 0 })).toThrow("too long");
  });
});

describe("payments", () => {
  const request = {
    amount: { amount: "165.8", currency: "GBP" },
    creditor: { name: "ACME Inc", account: { scheme: "uk_sort_code", sortCode: "080800", accountNumber: "21325698" } },
    remittance: { reference: "FRESCO-101", unstructured: "Internal ops code 5120101" },
    returnUrl: "https://partner.example/",
    reference: "INVOICE-2026-0042",
  } as const;

  it("become one instruction, the same every time", () => {
    const initiation = initiationOf(request, reference);
    expect(initiation).toEqual({
      InstructionIdentification: reference,
      EndToEndIdentification: "INVOICE-2026-0042",
      InstructedAmount: { Amount: "165.8", Currency: "GBP" },
      CreditorAccount: {
        SchemeName: "UK.OBIE.SortCodeAccountNumber",
        Identification: "08080021325698",
        Name: "ACME Inc",
      },
      RemittanceInformation: {
        Structured: [{ CreditorReferenceInformation: { Reference: "FRESCO-101" } }],
        Unstructured: ["Internal ops code 5120101"],
      },
    });
    expect(JSON.stringify(initiationOf(request, reference))).toBe(JSON.stringify(initiation));
    expect(initiationOf({ ...request, reference: "R".repeat(40) }, reference).EndToEndIdentification).toBe(
      reference.slice(0, 31),
    );
  });

  it("are compared with what the bank says it will pay", () => {
    const asked = initiationOf(request, reference);
    compare(asked, { ...asked, InstructedAmount: { Amount: "165.80", Currency: "GBP" } });
    const others = [
      { ...asked, InstructedAmount: { Amount: "165.81", Currency: "GBP" } },
      { ...asked, InstructedAmount: { Amount: "165.80", Currency: "EUR" } },
      { ...asked, CreditorAccount: { ...asked.CreditorAccount, Identification: "08080000000000" } },
      { ...asked, InstructionIdentification: "other" },
    ];
    for (const other of others) expect(() => compare(asked, other)).toThrow("not the one");
  });

  it("cannot go to a mainland card, nor in fractions of a penny", () => {
    const card = { name: "X", account: { scheme: "cn_card", cardNumber: "6222021234567890123" } } as const;
    expect(() => initiationOf({ ...request, creditor: card }, reference)).toThrow("cn_card");
    expect(() => initiationOf({ ...request, amount: { amount: "1.001", currency: "GBP" } }, reference)).toThrow(
      "amount_out_of_range",
    );
  });

  it.each([
    ["RCVD", "processing"],
    ["PDNG", "processing"],
    ["ACSP", "processing"],
    ["BLCK", "processing"],
    ["ACSC", "completed"],
    ["ACCC", "completed"],
    ["RJCT", "rejected"],
  ] as const)("%s is %s", (Status, status) => {
    const bank: Schemas["PaymentAnswer"]["Data"] = {
      DomesticPaymentId: "p",
      ConsentId: "c",
      CreationDateTime: "2026-11-22T12:00:00Z",
      Status,
      StatusUpdateDateTime: "2026-11-22T12:00:05+00:00",
      Initiation: initiationOf(request, reference),
    };
    const body = progressOf({ id: "pay_1", createdAt: new Date(0), request }, bank);
    expect(body.status).toBe(status);
    expect(body.completedAt).toBe(status === "completed" ? "2026-11-22T12:00:05.000Z" : undefined);
    expect(body.failure === undefined).toBe(status !== "rejected");
  });
});
