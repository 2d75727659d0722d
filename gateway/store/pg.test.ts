import { expect, it } from "vitest";
import { describeOnPostgres, freshSchema, openPostgres } from "./pg-setting.fixture.ts";
import { storeSuite } from "./suite.ts";

storeSuite("postgres", async () => openPostgres(await freshSchema()), { describe: describeOnPostgres, it, expect });
