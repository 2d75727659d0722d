import { defaultDir } from "./settings.ts";
import type { RunningSandbox } from "./start.ts";

/** What runs where, and what to type next. */
export function banner(sandbox: RunningSandbox): string {
  const { info, mocks, dir } = sandbox;
  const prefix = dir === defaultDir ? "" : `QIAO_SANDBOX_DIR=${dir} `;
  const check = { type: "id_two_factor", name: "张三", nationalId: "11010519491231002X" };
  return [
    "",
    "Qiao 桥: the sandbox is running.",
    "",
    ...columns([
      ["gateway", info.gateway],
      ["reference", `${info.gateway}/docs`],
      ["admin", info.admin],
      ["files", `${dir}: partner-a.jwk.json, partner-b.jwk.json, gateway.jwks.json, sandbox.json`],
    ]),
    "",
    "Vendors, played:",
    ...columns(mocks.map((mock) => [mock.adapter, mock.origin, mock.title])),
    "",
    "Next, in another terminal:",
    `  ${prefix}npm run call -- POST /v1/identity-checks '${JSON.stringify(check)}'`,
    `  ${prefix}npm run journey`,
    "",
    "Ctrl-C drains and stops.",
    "",
  ].join("\n");
}

/** Rows with every column but the last padded to its widest cell. */
function columns(rows: readonly (readonly string[])[]): string[] {
  return rows.map((row) => {
    const cells = row.map((cell, at) =>
      at === row.length - 1 ? cell : cell.padEnd(Math.max(...rows.map((other) => (other[at] ?? "").length))),
    );
    return `  ${cells.join("  ")}`;
  });
}
