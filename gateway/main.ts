import { ConfigError, readConfig, startGateway } from "./wire.ts";

/** The process: config → wire → ready → listen → drain. Exit codes: 0 drained, 1 could not start, 2 forced. */
async function main(): Promise<void> {
  const config = await readConfig(process.env["QIAO_CONFIG"]);
  const gateway = await startGateway(config);
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(2);
    stopping = true;
    gateway.drain().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function fail(error: unknown): never {
  const text =
    error instanceof ConfigError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

main().catch(fail);
