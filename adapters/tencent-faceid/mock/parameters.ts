import { Refusal } from "./answer.ts";

type Kind = "string" | "integer" | "boolean" | "object" | "list";

interface Definition {
  kind: Kind;
  required?: true;
}

const text: Definition = { kind: "string" };
const needed: Definition = { kind: "string", required: true };
const flag: Definition = { kind: "boolean" };
const object: Definition = { kind: "object" };

/** The parameters of each action, as Tencent's published model (faceid v20180301) has them. */
const definitions = {
  IdCardVerification: { IdCard: needed, Name: needed, Encryption: object },
  PhoneVerification: {
    IdCard: needed,
    Name: needed,
    Phone: needed,
    VerifyMode: text,
    CiphertextBlob: text,
    EncryptList: { kind: "list" },
    Iv: text,
  },
  BankCard4EVerification: {
    Name: needed,
    BankCard: needed,
    Phone: needed,
    IdCard: needed,
    CertType: { kind: "integer" },
    Encryption: object,
  },
  DetectAuth: {
    RuleId: needed,
    TerminalType: text,
    IdCard: text,
    Name: text,
    RedirectUrl: text,
    Extra: text,
    ImageBase64: text,
    Encryption: object,
    IntentionVerifyText: text,
    IntentionQuestions: { kind: "list" },
    IntentionActions: { kind: "list" },
    Config: object,
  },
  GetDetectInfoEnhanced: {
    BizToken: needed,
    RuleId: needed,
    InfoType: text,
    BestFramesCount: { kind: "integer" },
    IsCutIdCardImage: flag,
    IsNeedIdCardAvatar: flag,
    IsEncrypt: flag,
    Encryption: object,
    IsEncryptResponse: flag,
    IsReturnAllVideo: flag,
  },
} satisfies Record<string, Record<string, Definition>>;

export type Action = keyof typeof definitions;

export function isAction(name: string): name is Action {
  return Object.hasOwn(definitions, name);
}

/** What an action was called with. Text parameters that were not sent are undefined. */
export interface Parameters {
  text(name: string): string | undefined;
  given(name: string): boolean;
}

/** Checks names and types the vendor's way: unknown, missing, mistyped. Null counts as not sent. */
export function checkParameters(action: Action, sent: Readonly<Record<string, unknown>>): Parameters {
  const known: Record<string, Definition> = definitions[action];
  const values = new Map(Object.entries(sent).filter(([, value]) => value !== null));
  for (const [name, value] of values) {
    const definition = Object.hasOwn(known, name) ? known[name] : undefined;
    if (definition === undefined) {
      throw new Refusal("UnknownParameter", `The parameter \`${name}\` is not recognized.`);
    }
    if (!fits[definition.kind](value)) {
      throw new Refusal("InvalidParameter", `The type of parameter \`${name}\` is not valid.`);
    }
  }
  for (const [name, definition] of Object.entries(known)) {
    if (definition.required === true && !values.has(name)) {
      throw new Refusal("MissingParameter", `The request is missing a required parameter \`${name}\`.`);
    }
  }
  return {
    given: (name) => values.has(name),
    text(name) {
      const value = values.get(name);
      return typeof value === "string" ? value : undefined;
    },
  };
}

const fits: Record<Kind, (value: unknown) => boolean> = {
  string: (value) => typeof value === "string",
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  list: (value) => Array.isArray(value),
};

/**
 * Flat parameters (`EncryptList.0`, `Encryption.Iv`) as the JSON that they stand for; scalars become what the action
 * expects, and stay text where they cannot.
 */
export function unflatten(action: Action, flat: ReadonlyMap<string, string>): Record<string, unknown> {
  const known: Record<string, Definition> = definitions[action];
  const result: Record<string, unknown> = {};
  for (const [name, value] of flat) {
    const [top = "", ...rest] = name.split(".");
    const kind = Object.hasOwn(known, top) ? known[top]?.kind : undefined;
    if (rest.length === 0) result[top] = scalar(kind, value);
    else if (kind === "list") result[top] = [...(Array.isArray(result[top]) ? result[top] : []), value];
    else result[top] = { ...(result[top] as object | undefined), [rest.join(".")]: value };
  }
  return result;
}

function scalar(kind: Kind | undefined, value: string): unknown {
  if (kind === "integer" && /^-?\d{1,15}$/.test(value)) return Number(value);
  if (kind === "boolean" && (value === "true" || value === "false")) return value === "true";
  return value;
}
