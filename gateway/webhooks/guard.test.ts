import { describe, expect, it } from "vitest";
import type { LookupAddress } from "node:dns";
import { createGuard } from "./guard.ts";
import type { ResolveName } from "./guard.ts";
import { UrlRefused } from "./url.ts";
import type { UrlRefusal } from "./url.ts";

const publicAddress = "93.184.215.14";
const names: Record<string, string[]> = {
  "hooks.partner.example": [publicAddress, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
  "loop.partner.example": ["127.0.0.1"],
  "loop6.partner.example": ["::1"],
  "mapped.partner.example": ["::ffff:127.0.0.1"],
  "metadata.partner.example": ["169.254.169.254"],
  "mixed.partner.example": [publicAddress, "10.0.0.7"],
  "zone.partner.example": ["fe80::1%eth0"],
  "nonsense.partner.example": ["not an address"],
  "empty.partner.example": [],
  "xn--bcher-kva.example": [publicAddress],
};
const dns: ResolveName = (name) => {
  const addresses = names[name];
  return addresses === undefined ? Promise.reject(new Error("SERVFAIL")) : Promise.resolve(addresses);
};
const production = createGuard({ allowLoopback: false }, dns);
const sandbox = createGuard({ allowLoopback: true }, dns);

async function refusal(guard: typeof production, url: string): Promise<UrlRefusal | undefined> {
  try {
    await guard.admit(url);
    return undefined;
  } catch (error) {
    if (error instanceof UrlRefused) return error.why;
    throw error;
  }
}

describe("production refuses, each notation with its code", () => {
  const table: [url: string, why: UrlRefusal][] = [
    // What is no URL, or not ours to call.
    ["", "not_a_url"],
    ["hooks.partner.example/x", "not_a_url"],
    ["https://", "not_a_url"],
    ["https://hooks.partner.example:99999/", "not_a_url"],
    ["https://[::1/", "not_a_url"],
    [`https://hooks.partner.example/${"x".repeat(2_048)}`, "not_a_url"],
    ["http://hooks.partner.example/", "scheme"],
    ["ftp://hooks.partner.example/", "scheme"],
    ["file:///etc/passwd", "scheme"],
    ["gopher://hooks.partner.example/", "scheme"],
    ["javascript:alert(1)", "scheme"],
    ["wss://hooks.partner.example/", "scheme"],
    ["https://user@hooks.partner.example/", "credentials"],
    ["https://user:secret@hooks.partner.example/", "credentials"],
    ["https://@hooks.partner.example/", "credentials"],
    ["https://hooks.partner.example@127.0.0.1/", "credentials"],
    ["https://hooks.partner.example/#top", "fragment"],
    ["https://hooks.partner.example/#", "fragment"],
    // Ports of other protocols.
    ["https://hooks.partner.example:22/", "port"],
    ["https://hooks.partner.example:25/", "port"],
    ["https://hooks.partner.example:80/", "port"],
    ["https://hooks.partner.example:0/", "port"],
    ["https://hooks.partner.example:1023/", "port"],
    // Not the normal form.
    ["HTTPS://hooks.partner.example/", "not_canonical"],
    ["https://hooks.partner.example:443/", "not_canonical"],
    ["https://hooks.partner.example:08443/", "not_canonical"],
    ["https://hooks.partner.example/a/../b", "not_canonical"],
    ["https://hooks.partner.example/a b", "not_canonical"],
    ["https://hooks.partner.example/\tb", "not_canonical"],
    [" https://hooks.partner.example/", "host_notation"],
    ["https:/hooks.partner.example/", "host_notation"],
    ["https:\\\\hooks.partner.example\\", "host_notation"],
    ["https://hooks.partner.example\\@127.0.0.1/", "credentials"],
    // The same loopback address, as parsers read it and people do not.
    ["https://127.1/", "host_notation"],
    ["https://127.0.1/", "host_notation"],
    ["https://0x7f000001/", "host_notation"],
    ["https://0x7f.0.0.1/", "host_notation"],
    ["https://2130706433/", "host_notation"],
    ["https://017700000001/", "host_notation"],
    ["https://0177.0.0.1/", "host_notation"],
    ["https://127.0.0.1./", "host_notation"],
    ["https://127。0。0。1/", "host_notation"],
    ["https://１２７.０.０.１/", "host_notation"],
    ["https://①②⑦.0.0.1/", "host_notation"],
    ["https://%31%32%37.0.0.1/", "host_notation"],
    ["https://0/", "host_notation"],
    ["https://[0:0:0:0:0:0:0:1]/", "host_notation"],
    ["https://[::ffff:127.0.0.1]/", "host_notation"],
    ["https://[::127.0.0.1]/", "host_notation"],
    ["https://[64:ff9b::127.0.0.1]/", "host_notation"],
    ["https://[fe80::1%25eth0]/", "not_a_url"],
    // Names that parsers fold.
    ["https://HOOKS.partner.example/", "host_notation"],
    ["https://ｈｏｏｋｓ.partner.example/", "host_notation"],
    ["https://bücher.example/", "host_notation"],
    ["https://hooks.partner.exa\u00admple/", "host_notation"],
    ["https://hooks_.partner.example/", "host_notation"],
    ["https://-hooks.partner.example/", "host_notation"],
    ["https://hooks..partner.example/", "host_notation"],
    ["https://hooks.partner.example./", "host_trailing_dot"],
    ["https://localhost./", "host_trailing_dot"],
    ["https://localhost/", "host_not_public"],
    ["https://localhost:8443/", "host_not_public"],
    ["https://a.localhost/", "host_not_public"],
    ["https://localhost.localdomain/", "host_not_public"],
    ["https://printer.local/", "host_not_public"],
    ["https://metadata.google.internal/", "host_not_public"],
    ["https://router.home.arpa/", "host_not_public"],
    ["https://intranet/", "host_not_public"],
    // Addresses, one or more of each range and its edges.
    ["https://127.0.0.1/", "address_loopback"],
    ["https://127.255.255.255/", "address_loopback"],
    ["https://0.0.0.0/", "address_unspecified"],
    ["https://0.1.2.3/", "address_unspecified"],
    ["https://10.0.0.1/", "address_private"],
    ["https://172.16.0.1/", "address_private"],
    ["https://172.31.255.255/", "address_private"],
    ["https://192.168.1.1/", "address_private"],
    ["https://169.254.169.254/latest/meta-data", "address_link_local"],
    ["https://100.64.0.1/", "address_shared"],
    ["https://100.127.255.255/", "address_shared"],
    ["https://100.100.100.200/", "address_shared"],
    ["https://192.0.0.8/", "address_reserved"],
    ["https://198.18.0.1/", "address_reserved"],
    ["https://240.0.0.1/", "address_reserved"],
    ["https://255.255.255.255/", "address_reserved"],
    ["https://224.0.0.1/", "address_multicast"],
    ["https://239.255.255.255/", "address_multicast"],
    ["https://192.0.2.1/", "address_documentation"],
    ["https://198.51.100.1/", "address_documentation"],
    ["https://203.0.113.1/", "address_documentation"],
    ["https://192.88.99.1/", "address_translated"],
    ["https://[::1]/", "address_loopback"],
    ["https://[::]/", "address_unspecified"],
    ["https://[::ffff:7f00:1]/", "address_mapped"],
    ["https://[::ffff:5db8:d70e]/", "address_mapped"],
    ["https://[::7f00:1]/", "address_mapped"],
    ["https://[::ffff:0:7f00:1]/", "address_translated"],
    ["https://[64:ff9b::7f00:1]/", "address_translated"],
    ["https://[64:ff9b:1::1]/", "address_translated"],
    ["https://[2002:7f00:1::1]/", "address_translated"],
    ["https://[2001:0:1::1]/", "address_translated"],
    ["https://[2001:db8::1]/", "address_documentation"],
    ["https://[3fff::1]/", "address_documentation"],
    ["https://[2001:2::1]/", "address_reserved"],
    ["https://[fc00::1]/", "address_private"],
    ["https://[fd12:3456::1]/", "address_private"],
    ["https://[fec0::1]/", "address_private"],
    ["https://[fe80::1]/", "address_link_local"],
    ["https://[ff02::1]/", "address_multicast"],
    ["https://[100::1]/", "address_reserved"],
    ["https://[4000::1]/", "address_reserved"],
    // What a name leads to.
    ["https://loop.partner.example/", "address_loopback"],
    ["https://loop6.partner.example/", "address_loopback"],
    ["https://mapped.partner.example/", "address_mapped"],
    ["https://metadata.partner.example/", "address_link_local"],
    ["https://mixed.partner.example/", "address_private"],
    ["https://zone.partner.example/", "address_link_local"],
    ["https://nonsense.partner.example/", "address_reserved"],
    ["https://empty.partner.example/", "dns_no_address"],
    ["https://unknown.partner.example/", "dns_failed"],
  ];
  it.each(table)("%s: %s", async (url, why) => expect(await refusal(production, url)).toBe(why));

  it.each(table.filter(([, why]) => why !== "address_loopback" && why !== "host_not_public"))(
    "and so does the sandbox: %s: %s",
    async (url, why) => expect(await refusal(sandbox, url)).toBe(why),
  );
});

describe("what is admitted", () => {
  it.each([
    "https://hooks.partner.example/",
    "https://hooks.partner.example",
    "https://hooks.partner.example/hooks/qiao?token=a%20b",
    "https://hooks.partner.example:8443/x",
    "https://hooks.partner.example:1024/x",
    "https://xn--bcher-kva.example/",
    "https://93.184.215.14/hook",
    "https://100.63.255.255/",
    "https://172.32.0.1/",
    "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/hook",
  ])("in production: %s", async (url) => expect(await refusal(production, url)).toBeUndefined());

  it.each([
    "http://127.0.0.1:9300/hook",
    "http://127.0.0.1/hook",
    "https://127.0.0.1:9300/hook",
    "http://[::1]:9300/hook",
    "http://localhost:9300/hook",
    "https://loop.partner.example/",
  ])("in the sandbox only: %s", async (url) => {
    expect(await refusal(sandbox, url)).toBeUndefined();
    expect(await refusal(production, url)).toBeDefined();
  });

  it("plain http is for loopback itself, not for a name that leads there, and for no other port of its", async () => {
    expect(await refusal(sandbox, "http://loop.partner.example/")).toBe("scheme");
    expect(await refusal(sandbox, "http://hooks.partner.example/")).toBe("scheme");
    expect(await refusal(sandbox, "http://127.0.0.1:25/")).toBe("port");
    expect(await refusal(sandbox, "https://127.0.0.1:80/")).toBe("port");
  });
});

describe("the lookup of a connection", () => {
  const look = (guard: typeof production, host: string, all: boolean) =>
    new Promise<{ error: unknown; address: string | LookupAddress[]; family: number | undefined }>((resolve) => {
      guard.lookup(host, { all }, (error, address, family) => resolve({ error, address, family }));
    });

  it("gives what it has checked, in both forms that Node asks for", async () => {
    const [v4 = "", v6 = ""] = names["hooks.partner.example"] ?? [];
    expect(await look(production, "hooks.partner.example", true)).toMatchObject({
      error: null,
      address: [
        { address: v4, family: 4 },
        { address: v6, family: 6 },
      ],
    });
    expect(await look(production, "hooks.partner.example", false)).toEqual({ error: null, address: v4, family: 4 });
  });

  it.each(["loop.partner.example", "mixed.partner.example", "unknown.partner.example", "localhost"])(
    "gives nothing for %s",
    async (host) => {
      const { error, address } = await look(production, host, true);
      expect(error).toBeInstanceOf(UrlRefused);
      expect(address).toEqual([]);
    },
  );

  it("asks the DNS each time: a name that was public at registration and is not any more", async () => {
    let answer = [publicAddress];
    const rebinding = createGuard({ allowLoopback: false }, () => Promise.resolve(answer));
    await rebinding.admit("https://rebind.partner.example/");
    answer = ["127.0.0.1"];
    expect((await look(rebinding, "rebind.partner.example", true)).error).toMatchObject({ why: "address_loopback" });
  });
});
