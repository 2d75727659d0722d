import fixture from "../fixtures/faceVerifications.get.json" with { type: "json" };
import { outcomes, ruleIds, type Session } from "./faces.ts";

const turn = fixture.turns.find(({ operation }) => operation === "GetDetectInfoEnhanced");
if (turn === undefined) throw new Error("fixtures/faceVerifications.get.json records no GetDetectInfoEnhanced");
/** What was answered of a session; whatever a session decides is said anew. */
const { Text: recordedText, RequestId: _, ...recorded } = turn.answer.body.Response;

/** A picture of one grey pixel: nobody's face. */
const picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

/**
 * The answer of GetDetectInfoEnhanced, as recorded: every field that the published model promises, null where the vendor has
 * nothing or `InfoType` did not ask.
 */
export function detectInfo(session: Session, infoType: string): Record<string, unknown> {
  const asks = (digit: string): boolean => infoType.includes("0") || infoType.includes(digit);
  const isDone = session.ended !== undefined;
  return {
    ...recorded,
    Text: asks("1") ? text(session) : null,
    IdCardData: asks("2")
      ? {
          OcrFront: null,
          OcrBack: null,
          ProcessedFrontImage: null,
          ProcessedBackImage: null,
          Avatar: null,
          WarnInfos: null,
          BackWarnInfos: null,
        }
      : null,
    BestFrame: asks("3") ? { BestFrame: isDone ? picture : null, BestFrames: isDone ? [] : null } : null,
    VideoData: asks("4") ? { LivenessVideo: null, LivenessVideos: null } : null,
    Encryption: { Algorithm: "", CiphertextBlob: "", EncryptList: [], Iv: "", TagList: [] },
  };
}

function text(session: Session): Record<string, unknown> {
  const { ended } = session;
  const outcome = ended === undefined ? undefined : outcomes[ended.errCode];
  const code = ended?.errCode ?? null;
  const message = outcome?.message ?? null;
  const failedAlive = outcome?.stage === "live" && code !== 0;
  const live = ended === undefined ? [null, null] : failedAlive ? [code, message] : [0, "成功"];
  const compared = ended === undefined || failedAlive ? [null, null] : [code, message];
  const mode = session.ruleId === ruleIds.enhanced ? 4 : 3;
  return {
    ...recordedText,
    ErrCode: code,
    ErrMsg: message,
    IdCard: session.idCard,
    UseIDType: session.idCard === null ? null : 0,
    Name: session.name,
    LiveStatus: live[0],
    LiveMsg: live[1],
    Comparestatus: compared[0],
    Comparemsg: compared[1],
    Sim: ended?.similarity ?? null,
    Extra: session.extra,
    LivenessDetail:
      ended === undefined
        ? []
        : [
            {
              ReqTime: `${Date.parse(ended.at)}`,
              Seq: ended.seq,
              Idcard: session.idCard,
              Name: session.name,
              Sim: ended.similarity,
              IsNeedCharge: ended.charged,
              Errcode: code,
              Errmsg: message,
              Livestatus: live[0],
              Livemsg: live[1],
              Comparestatus: compared[0],
              Comparemsg: compared[1],
              CompareLibType: "权威库",
              LivenessMode: mode,
            },
          ],
    CompareLibType: ended === undefined ? null : "权威库",
    LivenessMode: ended === undefined ? null : mode,
  };
}
