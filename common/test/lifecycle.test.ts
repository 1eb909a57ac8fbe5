import assert from "node:assert/strict";
import { test } from "node:test";
import { startFailure } from "@order-flow/common/process/lifecycle.js";

test("When a service may not listen on its port, then it says so in a sentence", () => {
  const error = Object.assign(new Error("listen EACCES: permission denied"), { code: "EACCES", port: 80 });

  assert.equal(startFailure(error), "No permission to listen on port 80; set PORT to one above 1023.");
});
