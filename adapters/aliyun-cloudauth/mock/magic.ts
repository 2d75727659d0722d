import type { WireFault } from "#mocks";
import { GatewayRefusal, ProductRefusal } from "./answer.ts";

/** The last two characters of a name: refusals by the product, and by the gateway in front of it. */
const refusals: Readonly<Record<string, () => Error>> = {
  库障: () => new ProductRefusal("402", "权威源服务异常"),
  重复: () => new ProductRefusal("403", "异常重复调用"),
  未开: () => new ProductRefusal("410", "未开通服务"),
  无权: () => new ProductRefusal("411", "RAM无权限"),
  欠费: () => new ProductRefusal("412", "欠费中"),
  内错: () => new ProductRefusal("500", "系统错误"),
  新码: () => new ProductRefusal("599", "A code that no document has."),
  限频: () => new GatewayRefusal(400, "Throttling.User", "Request was denied due to user flow control."),
  停服: () =>
    new GatewayRefusal(503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
  前错: () => new GatewayRefusal(500, "InternalError", "The request processing has failed due to some unknown error."),
};

/** A hosted verification knows other reasons than a check: its source is asked only once the face was shown. */
const faceRefusals: Readonly<Record<string, () => Error>> = {
  禁刷: () => new ProductRefusal("417", "无法使用刷脸服务"),
  多次: () => new ProductRefusal("418", "刷脸失败次数过多"),
};
const notForFaces: readonly string[] = ["库障", "重复"];

const faults: Readonly<Record<string, WireFault>> = {
  挂起: "hang",
  头挂: "hang_after_headers",
  滴漏: "drip",
  重置: "reset",
  半断: "reset_mid_body",
  截断: "truncate",
  网页: "html_502",
};

/** How long a slow answer takes. */
const slowAnswerMs = 2_000;

/** How the answer to this person is spoilt. */
export interface Spoil {
  fault?: WireFault;
  delayMs?: number;
  /** Leave out what the vendor promised. */
  offSpec?: true;
}

export function ending(name: string | undefined): string {
  return [...(name ?? "")].slice(-2).join("");
}

/** Throws the refusal that the name asks for, if it asks for one. */
export function refuseByName(name: string | undefined, isFace: boolean): void {
  const end = ending(name);
  const refusal = isFace
    ? (faceRefusals[end] ?? (notForFaces.includes(end) ? undefined : refusals[end]))
    : refusals[end];
  if (refusal !== undefined) throw refusal();
}

export function spoilOf(name: string | undefined): Spoil {
  const end = ending(name);
  const fault = faults[end];
  if (fault !== undefined) return { fault };
  if (end === "慢速") return { delayMs: slowAnswerMs };
  return end === "跑偏" ? { offSpec: true } : {};
}
