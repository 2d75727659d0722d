import { done } from "#capability";
import type { Capability, Output } from "#capability";
import { resultOf } from "./answers.ts";
import { callbackToken } from "./callback-token.ts";
import type { Config } from "./config.ts";
import { readSession } from "./session.ts";
import type { State } from "./session.ts";
import type { operations } from "./vendor.d.ts";

type Verification = Output<"faceVerifications.get">;

/** How long the customer may use a session (CertifyUrl). */
const sessionSeconds = 1_800;
/** Blinking; and blinking under coloured light. The vendor has no silent liveness for browsers. */
const models = { standard: "LIVENESS", enhanced: "PHOTINUS_LIVENESS" } as const;

/** Hosted face verification (金融级实人认证, H5): InitFaceVerify opens the session, DescribeFaceVerify tells how it ended. */
export const faceVerifications: Capability<"faceVerifications", operations, Config> = {
  async create(call, vendor) {
    const { name, nationalId, returnUrl, level, reference } = call.input.body;
    const { sceneId, metaInfo, callbackSecret } = call.config;
    const { body } = await vendor.call("InitFaceVerify", {
      query: {
        SceneId: sceneId,
        OuterOrderNo: call.reference,
        ProductCode: "ID_PRO",
        CertType: "IDENTITY_CARD",
        CertName: name,
        CertNo: nationalId,
        MetaInfo: metaInfo,
        ReturnUrl: returnUrl,
        CallbackUrl: call.callbackUrl,
        CallbackToken: callbackToken(call.reference, callbackSecret),
        CertifyUrlType: "H5",
        CertifyUrlStyle: "L",
      },
      body: { Model: models[level ?? "standard"] },
    });
    const { CertifyId: certifyId, CertifyUrl: url } = resultOf(body);
    const expiresAt = new Date(call.now.getTime() + sessionSeconds * 1000).toISOString();
    const opened: Verification = {
      id: call.id,
      status: "pending",
      url,
      expiresAt,
      ...(reference === undefined ? {} : { reference }),
      createdAt: call.now.toISOString(),
    };
    return done(opened, { state: { certifyId, sceneId, url, expiresAt } satisfies State });
  },

  get: (call, vendor) => readSession(call, vendor),
};
