/** Canaries: values that occur nowhere else, in the place of personal data, and how to find one that flew out. */
import { readBundle } from "#specs";

export { flownInto } from "../../kit/flown.ts";

type Node = Record<string, unknown>;

let sown = 0;
const digits = (count: number, from = 500): string => String(from + sown).padStart(count, "0");

/** Valid by pattern, and where the vendors check more (a national id's check digit), by that too. */
const kinds: Record<string, () => string> = {
  name: () => `Quokka${digits(6)}`,
  nationalId: () => withCheckDigit(`11010519${String(30 + (sown % 60))}0${String(1 + (sown % 9))}15${digits(3)}`),
  mobile: () => `1390059${digits(4)}`,
  phone: () => `+861390058${digits(4)}`,
  usPhone: () => `+1415555${digits(4, 2_000)}`,
  email: () => `quokka${digits(6)}@mail.example`,
  birthDate: () => `19${String(30 + (sown % 40))}-07-${String(10 + (sown % 18))}`,
  street: () => `${digits(4)} Quokka Lane`,
  city: () => `Quokkaville ${digits(5)}`,
  region: () => `Quokkashire ${digits(5)}`,
  postalCode: () => `94${digits(3)}-${digits(4)}`,
  ssn: () => `876-54-${digits(4)}`,
  card: () => `62170012409${digits(4)}0`,
  account: () => `2088102146${digits(6)}`,
  code: () => `2877665544${digits(7)}`,
  sortCode: () => `40${digits(4, 4_000)}`,
  accountNumber: () => `7654${digits(4)}`,
  iban: () => `GB29NWBK6016133192${digits(4)}`,
  note: () => `Quokka note ${digits(5)}`,
  url: () => `https://hooks.example/quokka-${digits(6)}`,
};

export interface Planted {
  body: Node;
  /** What was put in the place of each `$kind`, by pointer. */
  values: Map<string, string>;
}

/** Replaces each `$kind` in a body by a fresh canary; what follows a colon (a vendor's magic word) is kept behind it. */
export function plant(template: Node): Planted {
  const values = new Map<string, string>();
  const sow = (value: unknown, at: string): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => sow(item, `${at}/${index}`));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, sow(member, `${at}/${name}`)]));
    }
    const [, kind = "", magic = ""] = /^\$(\w+)(?::(.*))?$/.exec(String(value)) ?? [];
    const make = kinds[kind];
    if (make === undefined) return value;
    sown += 1;
    const canary = make();
    values.set(at, canary);
    return canary + magic;
  };
  return { body: sow(template, "") as Node, values };
}

/** Pointers of the personal fields in the request of each operation, as the contract classifies them. */
export function personalPointers(): [operationId: string, pointer: string][] {
  const document = readBundle();
  const target = (ref: string): Node =>
    ref
      .slice(2)
      .split("/")
      .reduce<Node>((node, token) => node[token] as Node, document);
  const walk = (schema: Node, at: string): string[] => {
    const own = schema["x-pii"] === undefined ? [] : [at];
    if (typeof schema["$ref"] === "string") return [...own, ...walk(target(schema["$ref"]), at)];
    const branches = ["oneOf", "anyOf", "allOf"].flatMap((name) => (schema[name] as Node[] | undefined) ?? []);
    const members = Object.entries((schema["properties"] as Record<string, Node> | undefined) ?? {});
    return [
      ...own,
      ...branches.flatMap((branch) => walk(branch, at)),
      ...members.flatMap(([name, member]) => walk(member, `${at}/${name}`)),
    ];
  };
  const paths = document["paths"] as Record<string, Record<string, Node>>;
  const found = Object.values(paths).flatMap((item) =>
    Object.values(item).flatMap((operation) => {
      const content = (operation["requestBody"] as { content?: Record<string, { schema?: Node }> } | undefined)
        ?.content;
      const schema = content?.["application/json"]?.schema;
      return schema === undefined ? [] : walk(schema, "").map((at) => `${String(operation["operationId"])} ${at}`);
    }),
  );
  return [...new Set(found)].map((line) => line.split(" ") as [string, string]);
}

/** GB 11643: the 18th character. */
function withCheckDigit(seventeen: string): string {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(seventeen[at]), 0);
  return seventeen + "10X98765432".charAt(sum % 11);
}
