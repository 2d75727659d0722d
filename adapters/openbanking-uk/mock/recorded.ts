import fixture from "../fixtures/bankAccounts.balances.json" with { type: "json" };

const turn = fixture.turns.find(({ operation }) => operation === "GetAccountsAccountIdBalances");
const [first] = (turn?.answer.body as { Data?: { Balance: object[] } } | undefined)?.Data?.Balance ?? [];
if (first === undefined) throw new Error("fixtures/bankAccounts.balances.json records no balance");

/** What a bank answered of one balance. */
export const recordedBalance: object = first;
