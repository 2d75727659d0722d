/** Events over the whole road: a partner's call moves a resource, and the partner's receiver is told. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { operations } from "#specs";
import type { Answered, Partner } from "../../../mocks/partner/client.ts";
import { startReceiver } from "../../../mocks/partner/receiver.ts";
import type { Receiver, ReceiverOptions } from "../../../mocks/partner/receiver.ts";
import type { Jwks } from "../../../mocks/partner/profile.ts";
import { checkStandardWebhook, checkWebhook } from "../../../mocks/partner/webhook.ts";
import { newDir, openRoad, until } from "../setup.fixture.ts";
import type { Road } from "../setup.fixture.ts";

/** As usual, but with pauses that a test can wait for. */
const hasty = { adapters: ["tencent-faceid"], webhooks: { retryDelaysMs: Array.from({ length: 50 }, () => 250) } };

let road: Road;
beforeAll(async () => void (road = await openRoad(hasty)));
afterAll(() => road.close());

type Body = Record<string, unknown>;
const bodyOf = (answered: Answered): Body => answered.body as Body;
const check = { type: "id_two_factor", name: "张三", nationalId: "11010519491231002X" };

async function receiver(options: Partial<ReceiverOptions> = {}, of = road): Promise<Receiver> {
  const gatewayJwks = of.sandbox.keys.gateway.jwks as Jwks;
  const started = await startReceiver({ gatewayJwks, ...options });
  onTestFinished(() => started.close());
  return started;
}

/** Registers the receiver for partner A until the test ends. */
async function register(url: string, more: Body = {}, of = road): Promise<Body> {
  const made = await of.a.request("POST", "/v1/webhook-endpoints", { body: { url, types: ["*"], ...more } });
  expect(made.status).toBe(201);
  const endpoint = bodyOf(made);
  if (of === road) onTestFinished(async () => void (await act(endpoint["id"], "remove")));
  return endpoint;
}

async function act(id: unknown, verb: string): Promise<Body> {
  return bodyOf(await road.a.request("POST", `/v1/webhook-endpoints/${String(id)}/${verb}`));
}

async function newCheck(as: Partner = road.a): Promise<Body> {
  const made = await as.request("POST", "/v1/identity-checks", { body: check });
  expect([made.status, bodyOf(made)["status"]]).toEqual([201, "completed"]);
  return bodyOf(made);
}

const about =
  (resource: Body) =>
  ({ data }: { data: Readonly<Body> }): boolean =>
    data["id"] === resource["id"];
const eventsOf = async (resource: Body, as: Partner = road.a): Promise<Body[]> =>
  bodyOf(await as.request("GET", `/v1/events?resourceId=${String(resource["id"])}`))["data"] as Body[];
const detailsOf = async (id: unknown): Promise<Body> => bodyOf(await road.a.request("GET", `/v1/events/${String(id)}`));
const deliveriesOf = async (id: unknown): Promise<Body[]> => (await detailsOf(id))["deliveries"] as Body[];

describe("an event", () => {
  it("arrives signed, with the resource as reading it shows it, and is listed with its delivery", async () => {
    const hook = await receiver();
    const endpoint = await register(hook.url);
    const resource = await newCheck();
    const event = await hook.next(about(resource));
    expect(event.type).toBe("identity_check.completed");
    expect(event.data).toEqual((await road.a.request("GET", `/v1/identity-checks/${String(resource["id"])}`)).body);
    expect(await eventsOf(resource)).toEqual([event]);
    const [delivery] = hook.deliveries;
    if (delivery === undefined) throw new Error("nothing arrived");
    const jwks = (await (await fetch(`${road.origin}${operations["keys.list"].path}`)).json()) as Jwks;
    expect(checkWebhook({ url: hook.url, ...delivery, jwks })).toBe(jwks.keys[0]?.kid);
    expect(() => checkWebhook({ ...delivery, url: `${hook.url}/other`, jwks })).toThrow("does not verify");
    expect(() => checkWebhook({ url: hook.url, ...delivery, jwks, nowMs: Date.now() + 301_000 })).toThrow("not fresh");
    await until("recorded", async () => (await deliveriesOf(event.id))[0]?.["status"] === "delivered");
    expect(await detailsOf(event.id)).toMatchObject({
      event: JSON.parse(JSON.stringify(event)) as object,
      deliveries: [{ endpointId: endpoint["id"], status: "delivered", attempts: [{ number: 1, status: 204 }] }],
    });
    const metrics = await (await fetch(`${road.admin}/metrics`)).text();
    expect(metrics).toMatch(/qiao_webhook_attempts_total\{outcome="delivered"\} \d/);
    expect(metrics).toMatch(/qiao_webhook_backlog \d/);
  });

  it("is there without an endpoint that wanted it, and goes to those only that did", async () => {
    const wanting = await receiver();
    const other = await receiver();
    await register(wanting.url, { types: ["identity_check.completed", "refund.succeeded"] });
    await register(other.url, { types: ["identity_check.failed"] });
    const resource = await newCheck();
    await wanting.next(about(resource));
    const [event] = await eventsOf(resource);
    expect((await deliveriesOf(event?.["id"])).length).toBe(1);
    expect(other.deliveries).toEqual([]);
  });

  it("comes again after a failure under the same id, and every attempt shows", async () => {
    let broken = true;
    const hook = await receiver({ answer: () => (broken ? 500 : 204) });
    await register(hook.url);
    const resource = await newCheck();
    await until("the first attempt", () => hook.deliveries.length === 1);
    broken = false;
    const event = await hook.next(about(resource), 10_000);
    expect(new Set(hook.deliveries.map((each) => each.event?.id))).toEqual(new Set([event.id]));
    expect(new Set(hook.deliveries.map(({ body }) => body.toString())).size).toBe(1);
    await until("recorded", async () => (await deliveriesOf(event.id))[0]?.["status"] === "delivered");
    expect((await deliveriesOf(event.id))[0]?.["attempts"]).toMatchObject([
      { number: 1, status: 500, error: "answer" },
      { number: 2, status: 204 },
    ]);
  });

  it("waits while the endpoint is paused, and comes when it is resumed", async () => {
    const hook = await receiver();
    const { id } = await register(hook.url);
    await act(id, "pause");
    const resource = await newCheck();
    const [event] = await eventsOf(resource);
    expect(await deliveriesOf(event?.["id"])).toMatchObject([{ status: "pending", attempts: [] }]);
    expect(hook.deliveries).toEqual([]);
    await act(id, "resume");
    expect((await hook.next(about(resource), 2_000)).id).toBe(event?.["id"]);
  });

  it("does not come to an endpoint that was removed", async () => {
    const hook = await receiver();
    const { id } = await register(hook.url);
    await act(id, "remove");
    const witness = await receiver();
    await register(witness.url);
    await witness.next(about(await newCheck()));
    expect(hook.deliveries).toEqual([]);
  });

  it("410 disables the endpoint, which says so, cannot be paused, and can be resumed", async () => {
    const hook = await receiver({ answer: () => 410 });
    const { id } = await register(hook.url);
    await newCheck();
    const read = async (): Promise<Body> => bodyOf(await road.a.request("GET", `/v1/webhook-endpoints/${String(id)}`));
    await until("disabled", async () => (await read())["status"] === "disabled");
    expect((await read())["disabledBecause"]).toBe("gone");
    expect((await act(id, "pause"))["code"]).toBe("resource_state_conflict");
    const resumed = await act(id, "resume");
    expect([resumed["status"], resumed["disabledBecause"]]).toEqual(["active", undefined]);
  });

  it("is sent again on request, under its id, to one endpoint or to all; and to nobody else's", async () => {
    const hook = await receiver();
    const other = await receiver();
    const { id } = await register(hook.url);
    await register(other.url);
    const resource = await newCheck();
    const event = await hook.next(about(resource));
    await other.next(about(resource));
    await until("recorded", async () => (await deliveriesOf(event.id)).every(({ status }) => status === "delivered"));

    const path = `/v1/events/${event.id}/resend`;
    const again = await road.a.request("POST", path, { body: { endpointId: id } });
    expect(again.status).toBe(202);
    await until("again", () => hook.deliveries.length === 2);
    expect(hook.events.length).toBe(1);
    expect(other.deliveries.length).toBe(1);
    expect((await road.a.request("POST", path)).status).toBe(202);
    await until("to all", () => hook.deliveries.length === 3 && other.deliveries.length === 2);

    const strange = await road.a.request("POST", path, { body: { endpointId: `whe_${"0".repeat(32)}` } });
    expect([strange.status, bodyOf(strange)["code"]]).toEqual([404, "resource_not_found"]);
    const theirs = await road.b.request("POST", "/v1/webhook-endpoints", { body: { url: hook.url, types: ["*"] } });
    const leak = await road.a.request("POST", path, { body: { endpointId: bodyOf(theirs)["id"] } });
    expect(leak.status).toBe(404);
    await road.b.request("POST", `/v1/webhook-endpoints/${String(bodyOf(theirs)["id"])}/remove`);
  });

  it("carries Standard Webhooks' headers where they were asked for; after a rotation both secrets sign", async () => {
    const hook = await receiver();
    const made = await register(hook.url, { standardWebhooks: true });
    const first = String(made["secret"]);
    await hook.next(about(await newCheck()));
    const [before] = hook.deliveries;
    expect(before && checkStandardWebhook(before.headers, before.body, first)).toBe(true);
    const second = String((await act(made["id"], "rotate"))["secret"]);
    await hook.next(about(await newCheck()));
    const after = hook.deliveries.at(-1);
    for (const secret of [first, second]) {
      expect(after && checkStandardWebhook(after.headers, after.body, secret)).toBe(true);
    }
    expect(after && checkStandardWebhook(after.headers, after.body, `whsec_${"A".repeat(43)}=`)).toBe(false);
  });
});

describe("the list of events", () => {
  it("is oldest first, in pages, by type and by resource", async () => {
    const made = [await newCheck(), await newCheck(), await newCheck()];
    const seen: Body[] = [];
    let cursor = "";
    do {
      const path = `/v1/events?type=identity_check.completed&limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const page = bodyOf(await road.a.request("GET", path));
      seen.push(...(page["data"] as Body[]));
      cursor = String(page["nextCursor"] ?? "");
    } while (cursor !== "");
    expect(seen.slice(-3).map(({ data }) => (data as Body)["id"])).toEqual(made.map(({ id }) => id));
    expect(bodyOf(await road.a.request("GET", "/v1/events?type=refund.succeeded"))["data"]).toEqual([]);
    for (const bad of ["?type=refund", "?cursor=evt_00000000000000000000", "?limit=0", "?resourceId=x"]) {
      expect((await road.a.request("GET", `/v1/events${bad}`)).status).toBe(400);
    }
  });

  it("is the partner's own: nobody else's list, event or cursor holds any of it", async () => {
    const resource = await newCheck();
    const [event] = await eventsOf(resource);
    expect(await eventsOf(resource, road.b)).toEqual([]);
    const mine = await newCheck(road.b);
    const all = bodyOf(await road.b.request("GET", "/v1/events"))["data"] as Body[];
    expect(all.map(({ data }) => (data as Body)["id"])).toEqual([mine["id"]]);
    const path = `/v1/events/${String(event?.["id"])}`;
    const tries = [await road.b.request("GET", path), await road.b.request("POST", `${path}/resend`)];
    expect(tries.map(({ status }) => status)).toEqual([404, 404]);
    expect((await road.b.request("GET", `/v1/events?cursor=${String(event?.["id"])}`)).status).toBe(400);
  });

  it("another partner's receiver is told of nothing", async () => {
    const hook = await receiver();
    const made = await road.b.request("POST", "/v1/webhook-endpoints", { body: { url: hook.url, types: ["*"] } });
    const witness = await receiver();
    await register(witness.url);
    await witness.next(about(await newCheck()));
    expect(hook.deliveries).toEqual([]);
    await road.b.request("POST", `/v1/webhook-endpoints/${String(bodyOf(made)["id"])}/remove`);
  });
});

describe("across a restart", () => {
  it("what was not delivered is, under the id that it had", async () => {
    const dir = await newDir();
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    let first = await openRoad({ ...hasty, dir });
    let broken = true;
    const hook = await receiver({ answer: () => (broken ? 503 : 204) }, first);
    await register(hook.url, {}, first);
    const resource = await newCheck(first.a);
    await until("an attempt", () => hook.deliveries.length > 0);
    await first.close();
    broken = false;
    first = await openRoad({ ...hasty, dir });
    onTestFinished(() => first.close());
    const event = await hook.next(about(resource), 10_000);
    expect(hook.deliveries[0]?.event?.id).toBe(event.id);
  });
});
