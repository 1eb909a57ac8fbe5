import assert from "node:assert/strict";
import { test } from "node:test";
import { member, text } from "./support/http.js";
import { ServiceProcess } from "./support/processes.js";

/** What ends the process, how, and what the line's `error` is. */
const crashes = [
  ["unhandled rejection", "Promise.reject(new Error('boom'))", undefined],
  ["uncaught exception", "(() => { throw new Error('boom') })()", undefined],
  ["unhandled rejection", "Promise.reject(10n)", "10n"],
  ["uncaught exception", "(() => { throw Symbol('boom') })()", "Symbol(boom)"],
] as const;

for (const [message, crash, thrown] of crashes)
  test(`When a service meets an ${message} by ${crash}, then it logs one line with the error and exits with 1`, async () => {
    const late = `data:text/javascript,setInterval(() => process.listenerCount('SIGTERM') && ${crash}, 50)`;
    const shell = `exec "$0" --import "${late}" "$1"`;
    const service = await ServiceProcess.start("user_service", { MONGODB_URI: "mongodb://127.0.0.1:1" }, { shell });
    const { code } = await service.ended;

    assert.equal(code, 1);
    assert.equal(service.errors, "");
    const lines = service.logged(message);
    assert.equal(lines.length, 1);
    if (thrown) return assert.equal(text(lines[0], "error"), thrown);
    assert.equal(text(member(lines[0], "error"), "message"), "boom");
    assert.match(text(member(lines[0], "error"), "stack"), /^Error: boom\n/);
  });
