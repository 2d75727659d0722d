import { expect, it } from "vitest";
import { describeOnPostgres, openPostgres, sharedSchema } from "./pg-setting.fixture.ts";
import { storeSuite } from "./suite.ts";

const emptySchema = sharedSchema();

storeSuite("postgres", async () => openPostgres(await emptySchema()), { describe: describeOnPostgres, it, expect });
