import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz, installSchemathesis } from "../scripts/fuzz/schemathesis.js";
import { onPath } from "../scripts/runtime/programs.js";
import { recordingLogger } from "./support/recording_logger.js";
import { startOrdersService, startUserService } from "./support/services.js";

const apiKey = "a-key-for-the-fuzz-run";
const seconds = 30;
const { logger, lines } = recordingLogger();

// CI has Python, or it is not what it is meant to be.
const skip = (await onPath("python3")) === undefined && !process.env["CI"] && "schemathesis needs Python";

const services = { user_service: startUserService, orders_service: startOrdersService };

if (!skip) await installSchemathesis();

for (const [name, start] of Object.entries(services))
  test(`When ${name} is sent what its document allows and what it does not, then nothing is found`, {
    skip,
  }, async (t) => {
    const service = await start({ API_KEY: apiKey }, logger);
    const seed = Date.now() % 1_000_000;
    const { clean, report } = await fuzz({ url: service.url, apiKey, seconds, seed });

    t.diagnostic(`${name}: ${/^ *\d+ generated.*$/m.exec(report)?.[0].trim()}, SEED=${seed}`);
    assert.ok(clean, report);
    const errors = lines.filter((line) => line.includes('"level":"error"'));
    assert.deepEqual(errors, []);
  });
