import assert from "node:assert/strict";
import { test } from "node:test";
import { member, text } from "./support/http.js";
import { ServiceProcess } from "./support/processes.js";

const crashes = [
  ["unhandled rejection", "Promise.reject(new Error('boom'))"],
  ["uncaught exception", "(() => { throw new Error('boom') })()"],
] as const;

for (const [message, crash] of crashes)
  test(`When a service meets an ${message}, then it logs one line with the error and exits with 1`, async () => {
    const late = `data:text/javascript,setInterval(() => process.listenerCount('SIGTERM') && ${crash}, 50)`;
    const shell = `exec "$0" --import "${late}" "$1"`;
    const service = await ServiceProcess.start("user_service", { MONGODB_URI: "mongodb://127.0.0.1:1" }, { shell });
    const { code } = await service.ended;

    assert.equal(code, 1);
    assert.equal(service.errors, "");
    const lines = service.logged(message);
    assert.equal(lines.length, 1);
    assert.equal(text(member(lines[0], "error"), "message"), "boom");
    assert.match(text(member(lines[0], "error"), "stack"), /^Error: boom\n/);
  });
