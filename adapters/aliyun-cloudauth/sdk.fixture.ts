import { createRequire } from "node:module";
import type Cloudauth from "@alicloud/cloudauth20190307";
import { $OpenApiUtil } from "@alicloud/openapi-core";
import type { RunningMock } from "#mocks";

// CommonJS whose only way to the client is `exports.default`: import it natively or through a bundler, and it is another thing.
const cloudauth = createRequire(import.meta.url)("@alicloud/cloudauth20190307") as typeof Cloudauth;

export type Client = InstanceType<typeof cloudauth.default>;

export interface Key {
  accessKeyId: string;
  accessKeySecret: string;
}

/** The vendor's own client, pointed at the mock as its README says. `v2` is the older signature (RPC, HMAC-SHA1). */
export function sdkClient(mock: RunningMock, options: { key?: Key; signatureAlgorithm?: "v2" } = {}): Client {
  const { accessKeyId, accessKeySecret } = options.key ?? goodKey(mock);
  const { signatureAlgorithm } = options;
  return new cloudauth.default(
    new $OpenApiUtil.Config({
      accessKeyId,
      accessKeySecret,
      endpoint: new URL(mock.origin).host,
      protocol: "http",
      ...(signatureAlgorithm === undefined ? {} : { signatureAlgorithm }),
    }),
  );
}

export function goodKey(mock: RunningMock): Key {
  const { accessKeyId, accessKeySecret } = mock.credentials;
  return { accessKeyId: String(accessKeyId), accessKeySecret: String(accessKeySecret) };
}

export function keyNamed(mock: RunningMock, name: "deniedKey" | "inactiveKey"): Key {
  return mock.credentials[name] as Key;
}

const { BankMetaVerifyRequest, DescribeFaceVerifyRequest, Id2MetaVerifyRequest } = cloudauth;
const { InitFaceVerifyRequest, Mobile3MetaDetailVerifyRequest } = cloudauth;

const person = { paramType: "normal", identifyNum: "11010519491231002X", userName: "张三" };
const phone = { mobile: "13800138000" };
const card = { verifyMode: "VERIFY_BANK_CARD", productType: "BANK_CARD_4_META", bankCard: "6222020200112233445" };

/** The five actions with a good request each; `more` is put over it. Gives the SDK's body. */
export const ask = {
  id: async (client: Client, more: object = {}) =>
    (await client.id2MetaVerify(new Id2MetaVerifyRequest({ ...person, ...more }))).body,
  phone: async (client: Client, more: object = {}) =>
    (await client.mobile3MetaDetailVerify(new Mobile3MetaDetailVerifyRequest({ ...person, ...phone, ...more }))).body,
  card: async (client: Client, more: object = {}) =>
    (await client.bankMetaVerify(new BankMetaVerifyRequest({ ...person, ...phone, ...card, ...more }))).body,
  open: async (client: Client, more: object = {}) =>
    (
      await client.initFaceVerify(
        new InitFaceVerifyRequest({
          sceneId: 1_000_000_006,
          outerOrderNo: "e0c34a77f5ac40a5aa5e6ed20c353888",
          productCode: "ID_PRO",
          certType: "IDENTITY_CARD",
          certName: "张三",
          certNo: "11010519491231002X",
          metaInfo: '{"zimVer":"3.0.0"}',
          returnUrl: "https://partner.example/back?order=42",
          ...more,
        }),
      )
    ).body,
  describe: async (client: Client, certifyId: string | undefined, more: object = {}) => {
    const asked = { sceneId: 1_000_000_006, ...(certifyId === undefined ? {} : { certifyId }), ...more };
    return (await client.describeFaceVerify(new DescribeFaceVerifyRequest(asked))).body;
  },
};

/** Name and code of what the SDK throws, e.g. `ClientError SignatureDoesNotMatch`, or `answered`. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "answered";
  } catch (error) {
    const { name, code } = error as { name?: unknown; code?: unknown };
    return `${String(name)} ${String(code)}`;
  }
}
