/**
 * Which addresses a webhook may go to: public ones only (the special-purpose registries of RFC 6890, IANA). IPv6 is decided
 * the other way round, since most of it is not assigned: 2000::/3 without its special parts, nothing else.
 */
import { BlockList, isIP } from "node:net";

/** Why an address is refused. */
export type AddressRefusal =
  | "loopback"
  | "unspecified"
  | "private"
  | "link_local"
  | "shared"
  | "multicast"
  | "documentation"
  | "reserved"
  | "mapped"
  | "translated";

type Range = readonly [network: string, prefixBits: number, why: AddressRefusal];

const ranges4: readonly Range[] = [
  ["0.0.0.0", 8, "unspecified"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "shared"],
  ["127.0.0.0", 8, "loopback"],
  ["169.254.0.0", 16, "link_local"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "reserved"],
  ["192.0.2.0", 24, "documentation"],
  ["192.88.99.0", 24, "translated"],
  ["192.168.0.0", 16, "private"],
  ["198.18.0.0", 15, "reserved"],
  ["198.51.100.0", 24, "documentation"],
  ["203.0.113.0", 24, "documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved"],
];

/** The narrower range stands before the one that holds it. */
const ranges6: readonly Range[] = [
  ["::", 128, "unspecified"],
  ["::1", 128, "loopback"],
  ["::ffff:0:0", 96, "mapped"],
  ["::ffff:0:0:0", 96, "translated"],
  ["::", 96, "mapped"],
  ["64:ff9b::", 96, "translated"],
  ["64:ff9b:1::", 48, "translated"],
  ["2001::", 32, "translated"],
  ["2001:db8::", 32, "documentation"],
  ["2001::", 23, "reserved"],
  ["2002::", 16, "translated"],
  ["3fff::", 20, "documentation"],
  ["fc00::", 7, "private"],
  ["fe80::", 10, "link_local"],
  ["fec0::", 10, "private"],
  ["ff00::", 8, "multicast"],
];

// A list of its own for each range and family: a BlockList takes an IPv4 address for its IPv4-mapped IPv6 form.
const lists4 = ranges4.map(([network, prefixBits, why]) => ({ list: listOf(network, prefixBits, "ipv4"), why }));
const lists6 = ranges6.map(([network, prefixBits, why]) => ({ list: listOf(network, prefixBits, "ipv6"), why }));
const global6 = listOf("2000::", 3, "ipv6");

function listOf(network: string, prefixBits: number, family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  list.addSubnet(network, prefixBits, family);
  return list;
}

/**
 * Why the gateway does not connect to an address (an IPv4 or IPv6 literal without brackets), or undefined if it may. With
 * `allowLoopback`, 127.0.0.0/8 and ::1 are allowed; nothing else that is not public ever is.
 */
export function refusedAddress(address: string, allowLoopback: boolean): AddressRefusal | undefined {
  const why = specialUse(address);
  return why === "loopback" && allowLoopback ? undefined : why;
}

function specialUse(address: string): AddressRefusal | undefined {
  switch (isIP(address)) {
    case 4:
      return lists4.find(({ list }) => list.check(address, "ipv4"))?.why;
    case 6: {
      // A zone names an interface of this very machine.
      if (address.includes("%")) return "link_local";
      const special = lists6.find(({ list }) => list.check(address, "ipv6"))?.why;
      return special ?? (global6.check(address, "ipv6") ? undefined : "reserved");
    }
    default:
      return "reserved";
  }
}
