import { StoreError } from "#store";
import type { Store } from "#store";

/** Every method of a store; the compiler holds it complete. */
const methods: Record<keyof Store, true> = {
  begin: true,
  complete: true,
  release: true,
  resource: true,
  resourceByHandle: true,
  resourceByReference: true,
  resources: true,
  transitions: true,
  reroute: true,
  advance: true,
  claimNonce: true,
  prune: true,
  health: true,
  close: true,
  addEndpoint: true,
  endpoint: true,
  endpoints: true,
  changeEndpoint: true,
  removeEndpoint: true,
  event: true,
  events: true,
  deliveries: true,
  attempts: true,
  resend: true,
  dueDeliveries: true,
  settleDelivery: true,
  backlog: true,
  dueResources: true,
  asked: true,
  askNow: true,
  stuck: true,
  quarantine: true,
  quarantined: true,
  appendAudit: true,
  addCheckpoint: true,
  chains: true,
  auditRows: true,
  checkpoints: true,
  auditOf: true,
};

export interface LateStore {
  store: Store;
  /** True from `open` on. */
  isOpen(): boolean;
  open(store: Store): void;
}

/** A store that is there before its database is: until then it refuses everything with `store_unavailable`, effect `none`. */
export function lateStore(): LateStore {
  let opened: Store | undefined;
  const refuse = (): Promise<never> =>
    Promise.reject(new StoreError("store_unavailable", "the database has not answered since the start"));
  const forward = (name: keyof Store): [string, unknown] => [
    name,
    (...input: unknown[]) => {
      if (opened === undefined) return name === "close" ? Promise.resolve() : refuse();
      return (opened[name] as (...input: unknown[]) => Promise<unknown>)(...input);
    },
  ];
  const names = Object.keys(methods) as (keyof Store)[];
  return {
    // `methods` holds that none is missing; their types do not survive being mapped.
    store: Object.fromEntries(names.map(forward)) as unknown as Store,
    isOpen: () => opened !== undefined,
    open: (store) => void (opened = store),
  };
}
