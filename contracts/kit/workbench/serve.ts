/** The child that a change of the folder replaces: one session and its page, fired at by its parent or by the page. */
import { openSession } from "./session.ts";
import type { FireInput, Session } from "./session.ts";
import { servePage } from "./page-server.ts";
import type { PageServer } from "./page-server.ts";
import { readSettings } from "./settings.ts";
import type { Fireable } from "./examples.ts";
import type { Shown } from "./show.ts";

/** Parent to child. */
export type Ask = { fire: FireInput };
/** Child to parent. */
export type Tell =
  | { ready: { page: string; title: string; vendor: string; operations: Fireable[]; unsupported: number } }
  | { shown: Shown }
  | { failed: string };

let page: PageServer | undefined;
let session: Session | undefined;

try {
  const settings = await readSettings(process.argv.slice(2));
  session = await openSession({
    ...settings,
    onShown(shown) {
      page?.push(shown);
      tell({ shown });
    },
  });
  const opened = session;
  page = await servePage(settings.pagePort, () => opened);
  const { title, vendor, operations, unsupported } = opened;
  tell({ ready: { page: page.origin, title, vendor, operations, unsupported: unsupported.length } });
  process.on("message", ({ fire }: Ask) => {
    opened.fire(fire).catch((error: unknown) => tell({ failed: error instanceof Error ? error.message : "unknown" }));
  });
} catch (error) {
  tell({ failed: error instanceof Error ? (error.stack ?? error.message) : "unknown" });
  await stop();
}

process.once("disconnect", () => void stop());

async function stop(): Promise<void> {
  await page?.stop();
  await session?.stop();
  process.exit(0);
}

function tell(message: Tell): void {
  if (process.connected) process.send?.(message);
}
