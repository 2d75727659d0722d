import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createGuard } from "./guard.ts";
import { deliver, hasty, ok, openSink, openStore, register, tell, until } from "./outbox.fixture.ts";

const certificateTool = "openssl";

describe("where it connects to", () => {
  const tls = (): { key: string; cert: string } => {
    const dir = mkdtempSync(join(tmpdir(), "qiao-tls-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
    const subject = ["-subj", "/CN=hooks.partner.example", "-addext", "subjectAltName=DNS:hooks.partner.example"];
    const options = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
    execFileSync(certificateTool, [...options, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  };

  it("to the address that was checked, with the host's own name in TLS and in Host", async () => {
    const store = await openStore();
    const pair = tls();
    const sink = await openSink(ok, pair);
    const guard = createGuard({ allowLoopback: true }, (name) =>
      Promise.resolve(name === "hooks.partner.example" ? ["127.0.0.1"] : []),
    );
    await register(store, "a", `https://hooks.partner.example:${sink.port}/x`);
    await tell(store, "one");
    deliver(store, { ...hasty, attemptDeadlineMs: 2_000 }, { guard, ca: pair.cert });
    await until("delivered", () => sink.arrived.length === 1);
    expect(sink.arrived[0]?.headers.host).toBe(`hooks.partner.example:${sink.port}`);
  });

  it("not with a certificate of another's", async () => {
    const store = await openStore();
    const sink = await openSink(ok, tls());
    await register(store, "a", sink.origin);
    await tell(store, "one");
    const { reports } = deliver(store, { ...hasty, attemptDeadlineMs: 2_000 });
    await until("an attempt", () => reports.length > 0);
    expect(reports[0]).toMatchObject({ error: "tls", outcome: "retry" });
    expect(sink.arrived).toEqual([]);
  });

  it("not when the name that was public at registration leads inside at the attempt, not one connection", async () => {
    const store = await openStore();
    const pair = tls();
    const sink = await openSink(ok, pair);
    let answers = ["93.184.215.14"];
    const guard = createGuard({ allowLoopback: false }, () => Promise.resolve(answers));
    const url = `https://hooks.partner.example:${sink.port}/x`;
    await guard.admit(url);
    await register(store, "a", url);
    await tell(store, "one");
    const { reports } = deliver(store, hasty, { guard, ca: pair.cert });
    answers = ["127.0.0.1"];
    await until("an attempt", () => reports.some(({ error }) => error === "blocked_address"));
    expect(sink.connections()).toBe(0);
    answers = ["93.184.215.14", "127.0.0.1"];
    const seen = reports.length;
    await until("another", () => reports.length > seen);
    expect(reports.at(-1)?.error).toBe("blocked_address");
    expect(sink.connections()).toBe(0);
  });
});
