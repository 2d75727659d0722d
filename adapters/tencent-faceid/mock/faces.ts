import { randomUUID } from "node:crypto";
import type { MockContext, Table } from "#mocks";
import { Refusal } from "./answer.ts";
import { isIdCard } from "./id-card.ts";
import { ending } from "./magic.ts";
import type { Parameters } from "./parameters.ts";

/** How the customer's verification ended. */
interface Ended {
  errCode: number;
  similarity: string;
  charged: boolean;
  at: string;
  seq: string;
}

export interface Session {
  ruleId: string;
  idCard: string | null;
  name: string | null;
  redirectUrl: string | null;
  extra: string;
  createdAt: string;
  ended?: Ended;
  /** The sandbox made the vendor forget it early. */
  forgotten?: true;
}

const sessionSeconds = 7_200;
/** How long the vendor answers about a BizToken. */
const resultSeconds = 3 * 24 * 3_600;

/** The rules that the account has in the vendor's console. */
export const ruleIds = { standard: "1", enhanced: "2", disabled: "998" };

interface Outcome {
  message: string;
  stage: "live" | "compare";
  /** PaaS错误码计费 lists these as charged: the comparison ran. */
  charged: boolean;
}

/** Final codes (ErrCode) that the sandbox plays, from the vendor's list of SaaS codes. */
export const outcomes: Readonly<Record<number, Outcome>> = {
  0: { message: "成功", stage: "compare", charged: true },
  1001: { message: "调用活体引擎接口出错", stage: "live", charged: false },
  1002: { message: "疑似非真人录制", stage: "live", charged: false },
  1005: { message: "活体检测没通过", stage: "live", charged: false },
  2005: { message: "库中无此号，请到户籍所在地进行核实", stage: "compare", charged: false },
  2006: { message: "姓名和身份证号不一致，请核实后重试", stage: "compare", charged: true },
  2007: { message: "库中无此用户照片，请到户籍所在地进行核实", stage: "compare", charged: false },
  2008: { message: "客户库自建库或认证中心返照失败，请稍后再试", stage: "compare", charged: false },
  2016: { message: "比对相似度未达到通过标准", stage: "compare", charged: true },
};

/** Endings of the name that no good face helps against. */
const byName: Record<string, number> = { 不符: 2006, 无录: 2005, 库障: 2008 };

export interface Faces {
  open(sent: Parameters): { Url: string; BizToken: string };
  session(bizToken: string): Session | undefined;
  isExpired(session: Session): boolean;
  /** The customer finished; `errCode` undefined = showed a good face. Gives the code that became final, and its charge. */
  end(bizToken: string, session: Session, errCode: number | undefined): Ended;
  forget(bizToken: string, session: Session): void;
  /** The session that GetDetectInfoEnhanced asks about, or the vendor's refusal. */
  asked(sent: Parameters): Session;
}

export function openFaces(context: MockContext, table: Table<Session>): Faces {
  const ageSeconds = (session: Session): number => (context.now().getTime() - Date.parse(session.createdAt)) / 1000;

  return {
    open(sent) {
      checkRule(sent.text("RuleId"));
      const idCard = sent.text("IdCard") ?? null;
      const name = sent.text("Name") ?? null;
      if (idCard !== null && !isIdCard(idCard)) throw new Refusal("InvalidParameter", "身份证号有误。");
      if (name !== null && [...name].length > 32) throw new Refusal("InvalidParameter", "姓名最长32位。");
      for (const field of ["RedirectUrl", "Extra"]) {
        if ((sent.text(field) ?? "").length > 1_024) throw new Refusal("InvalidParameter", `${field}最长1024位。`);
      }
      const bizToken = randomUUID().toUpperCase();
      table.set(bizToken, {
        ruleId: sent.text("RuleId") ?? "",
        idCard,
        name,
        redirectUrl: sent.text("RedirectUrl") ?? null,
        extra: sent.text("Extra") ?? "",
        createdAt: context.now().toISOString(),
      });
      return { Url: `${context.origin}/h5?token=${bizToken}`, BizToken: bizToken };
    },

    session: (bizToken) => table.get(bizToken),
    isExpired: (session) => session.forgotten === true || ageSeconds(session) > sessionSeconds,

    end(bizToken, session, errCode) {
      const final = errCode ?? byName[ending(session.name ?? undefined)] ?? 0;
      const charged = outcomes[final]?.charged ?? false;
      const similarity = final === 0 ? "96.57" : final === 2016 ? "41.32" : "0.00";
      const ended = { errCode: final, similarity, charged, at: context.now().toISOString(), seq: randomUUID() };
      table.set(bizToken, { ...session, ended });
      return ended;
    },

    forget: (bizToken, session) => table.set(bizToken, { ...session, forgotten: true }),

    asked(sent) {
      checkRule(sent.text("RuleId"));
      const session = table.get(sent.text("BizToken") ?? "");
      if (session === undefined || session.ruleId !== sent.text("RuleId")) {
        throw new Refusal("InvalidParameter", "非法BizToken。");
      }
      if (session.forgotten === true || ageSeconds(session) > resultSeconds) {
        throw new Refusal("InvalidParameterValue.BizTokenExpired", "BizToken过期。");
      }
      return session;
    },
  };
}

function checkRule(ruleId: string | undefined): void {
  if (ruleId === ruleIds.disabled) {
    throw new Refusal("InvalidParameterValue.RuleIdDisabled", "该ruleid已被您停用，请确认后重试。");
  }
  if (ruleId !== ruleIds.standard && ruleId !== ruleIds.enhanced) {
    throw new Refusal("InvalidParameterValue.RuleIdNotExist", "RuleId不存在，请到人脸核身控制台申请。");
  }
}
