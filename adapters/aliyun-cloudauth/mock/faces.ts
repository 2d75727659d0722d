import { randomBytes, randomUUID } from "node:crypto";
import type { MockContext, Table } from "#mocks";
import { ProductRefusal } from "./answer.ts";
import { ending } from "./magic.ts";
import { ageOf, isIdentityNumber, isName } from "./person.ts";

/** How the customer's one submission ended: a `SubCode`, or the `Code` with which the vendor ended the session. */
interface Ended {
  code: string;
  billed: boolean;
  at: string;
}

export interface Session {
  sceneId: string;
  name: string;
  returnUrl: string | undefined;
  callbackUrl: string | undefined;
  callbackToken: string | undefined;
  createdAt: string;
  ended?: Ended;
  /** The sandbox closed its page early. */
  closed?: true;
}

/** How long a CertifyUrl may be used. */
const sessionMs = 30 * 60_000;
const minAgeYears = 14;
/** The scene that the account has in the vendor's console. */
export const sceneId = 1_000_000_006;

/** `SubCode`s that the page can end with. Charged ("是否计费"): 200 to 206. */
const outcomes: readonly string[] = ["200", "201", "202", "203", "204", "205", "206", "207", "209", "210"];
const charged = /^20[0-6]$/;
/** `Code`, not `SubCode`: the vendor's risk control ended it. */
export const blocked = "427";

/** Endings of the name that no good face helps against. */
const byName: Readonly<Record<string, string>> = { 不符: "201", 无录: "202", 库障: "209" };

const needed = ["SceneId", "OuterOrderNo", "ProductCode", "CertType", "CertName", "CertNo", "MetaInfo"];
const livenessKinds =
  /^(LIVENESS|PHOTINUS_LIVENESS|MULTI_ACTION|MULTI_PHOTINUS|MOVE_ACTION|MOVE_PHOTINUS|MULTI_FAPTCHA)$/;

export interface Faces {
  open(sent: ReadonlyMap<string, string>): { CertifyId: string; CertifyUrl: string };
  /** The answer of DescribeFaceVerify, or the vendor's refusal. */
  describe(sent: ReadonlyMap<string, string>): object;
  session(certifyId: string): Session | undefined;
  isClosed(session: Session): boolean;
  isOutcome(code: string): boolean;
  /** The customer submitted; `code` undefined = showed a good face. */
  end(certifyId: string, session: Session, code: string | undefined): Session & { ended: Ended };
  close(certifyId: string, session: Session): void;
}

export function openFaces(context: MockContext, table: Table<Session>): Faces {
  return {
    open(sent) {
      checkInit(sent, context.now());
      const certifyId = randomBytes(16).toString("hex");
      table.set(certifyId, {
        sceneId: sent.get("SceneId") ?? "",
        name: sent.get("CertName") ?? "",
        returnUrl: sent.get("ReturnUrl"),
        callbackUrl: sent.get("CallbackUrl"),
        callbackToken: sent.get("CallbackToken"),
        createdAt: context.now().toISOString(),
      });
      return { CertifyId: certifyId, CertifyUrl: `${context.origin}/h5?certifyId=${certifyId}` };
    },

    describe(sent) {
      const certifyId = sent.get("CertifyId") ?? "";
      if (certifyId === "" || !sent.has("SceneId")) throw new ProductRefusal("400", "参数不能为空");
      const session = table.get(certifyId);
      if (session === undefined || session.sceneId !== sent.get("SceneId")) {
        throw new ProductRefusal("406", "无效的CertifyId");
      }
      if (session.ended === undefined) throw new ProductRefusal("424", "身份认证记录不存在");
      if (session.ended.code === blocked) throw new ProductRefusal(blocked, "业务策略限制");
      return result(session.ended.code);
    },

    session: (certifyId) => table.get(certifyId),
    isClosed: ({ closed, createdAt }) => closed === true || context.now().getTime() - Date.parse(createdAt) > sessionMs,
    isOutcome: (code) => outcomes.includes(code),

    end(certifyId, session, code) {
      const final = code ?? byName[ending(session.name)] ?? "200";
      const ended = { code: final, billed: charged.test(final), at: context.now().toISOString() };
      const changed = { ...session, ended };
      table.set(certifyId, changed);
      return changed;
    },

    close: (certifyId, session) => table.set(certifyId, { ...session, closed: true }),
  };
}

function checkInit(sent: ReadonlyMap<string, string>, now: Date): void {
  const get = (name: string): string => sent.get(name) ?? "";
  if (needed.some((name) => get(name) === "")) throw new ProductRefusal("400", "参数不能为空");
  const isRight =
    /^[0-9A-Za-z]{1,32}$/.test(get("OuterOrderNo")) &&
    get("ProductCode") === "ID_PRO" &&
    get("CertType") === "IDENTITY_CARD" &&
    isName(get("CertName")) &&
    isIdentityNumber(get("CertNo")) &&
    isJson(get("MetaInfo")) &&
    livenessKinds.test(sent.get("Model") ?? "LIVENESS") &&
    isCallbackUrl(sent.get("CallbackUrl"));
  if (!isRight) throw new ProductRefusal("401", "参数非法");
  if (get("SceneId") !== `${sceneId}`) throw new ProductRefusal("404", "认证场景配置不存在");
  if (ageOf(get("CertNo"), now) < minAgeYears) {
    throw new ProductRefusal("405", "您的年龄未满14周岁，不允许使用此产品");
  }
}

/** `https` only; the sandbox's own machine may do without. */
function isCallbackUrl(text: string | undefined): boolean {
  if (text === undefined) return true;
  const url = URL.parse(text);
  return url !== null && (url.protocol === "https:" || (url.protocol === "http:" && url.hostname === "127.0.0.1"));
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

/** `ResultObject`, with the JSON that stands in a string of it. */
function result(subCode: string): object {
  const isPassed = subCode === "200" || subCode === "210";
  const hasFace = isPassed || subCode === "204" || subCode === "207";
  const picture = `verify/1260051251634779/${randomUUID().replaceAll("-", "")}.jpeg`;
  const material = {
    faceAttack: subCode === "205" ? "T" : "F",
    facialPictureFront: {
      qualityScore: 88.3615493774414,
      ...(hasFace ? { verifyScore: isPassed ? 96.57129669189453 : 50.28594166529785 } : {}),
      pictureUrl: `https://pictures.invalid/${picture}`,
      ossBucketName: "cn-shanghai-aliyun-cloudauth-1260051251634779",
      ossObjectName: picture,
    },
  };
  return {
    Passed: isPassed ? "T" : "F",
    SubCode: subCode,
    MaterialInfo: JSON.stringify(material),
    IdentityInfo: null,
    DeviceToken: null,
    DeviceRisk: null,
  };
}
