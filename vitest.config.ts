import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{specs,gateway,adapters,contracts,mocks}/**/*.test.ts"],
    // Sockets, worker threads and child processes: processes of their own, and time for a busy machine.
    pool: "forks",
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Real processes, databases and deadlines on a shared machine: what fails once in CI is tried once more, and shows as retried.
    retry: process.env["CI"] === undefined ? 0 : 1,
    env: { NO_PROXY: "*", http_proxy: "", https_proxy: "" },
  },
});
