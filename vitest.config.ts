import { defineConfig } from "vitest/config";

const tests = "{specs,gateway,adapters,contracts,mocks}/**/*.test.ts";
/** Vendors' SDKs change what all share (one patches every undici socket), so each of these has a process of its own. */
const sdks = "adapters/*/sdk.test.ts";

export default defineConfig({
  test: {
    // Sockets, worker threads and child processes need a process; most of a test's time is waiting, so one more than the cores.
    pool: "forks",
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Real processes, databases and deadlines on a shared machine: what fails once in CI is tried once more, and shows as retried.
    retry: process.env["CI"] === undefined ? 0 : 1,
    env: { NO_PROXY: "*", http_proxy: "", https_proxy: "" },
    projects: [
      // The contract is read and compiled once a process, not once a file.
      { extends: true, test: { name: "qiao", include: [tests], exclude: [sdks], isolate: false } },
      { extends: true, test: { name: "sdk", include: [sdks] } },
    ],
  },
});
