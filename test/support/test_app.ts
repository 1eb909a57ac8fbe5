import { readConfig } from "@order-flow/common/config/config.js";
import { httpVariables } from "@order-flow/common/config/variables.js";
import { createHttpApp } from "@order-flow/common/http/app.js";
import { allowOnly } from "@order-flow/common/http/errors/errors.js";
import type { Dependency } from "@order-flow/common/http/health.js";
import { createRegistry } from "@order-flow/common/http/metrics.js";
import { jsonBody } from "@order-flow/common/http/middleware/json_body.js";
import { ifMatch } from "@order-flow/common/http/validation/etag.js";
import { jsonSchemaBody } from "@order-flow/common/http/validation/json_schema_body.js";
import { pathId } from "@order-flow/common/http/validation/object_id.js";
import { validate } from "@order-flow/common/http/validation/validation.js";
import { type Request, type Response, Router } from "express";
import { matchedData } from "express-validator";
import mongoose from "mongoose";
import { parseObject } from "./http.js";
import { serve } from "./listening.js";
import { recordingLogger } from "./recording_logger.js";

interface FrameOptions {
  /** Environment variables. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly dependencies?: readonly Dependency[];
  readonly timeouts?: Parameters<typeof serve>[1];
}

export interface Frame {
  readonly url: string;
  readonly port: number;
  /** The lines that were logged so far, parsed. */
  log(): readonly object[];
}

/** What all services share around their routes, around a few of our own, without a database or a broker. */
export async function startFrame({ settings = {}, dependencies = [], timeouts }: FrameOptions = {}): Promise<Frame> {
  const { logger, lines } = recordingLogger();
  const app = createHttpApp({
    settings: readConfig(httpVariables, settings),
    logger,
    dependencies,
    registry: createRegistry(),
    routes: thingRoutes(),
    openApi: async () => ({ openapi: "3.1.0", info: { title: "things" }, servers: [{ url: "./" }] }),
  });
  return { ...(await serve(app, timeouts)), log: () => lines.map(parseObject) };
}

export const thingId = "0123456789abcdef01234567";

function thingRoutes(): Router {
  const router = Router();
  router.post("/things", jsonBody, validate([thingBody.chain]), (req: Request, res: Response) => {
    res.status(201).json(thingBody.validated(req));
  });
  router.all("/things", allowOnly("POST"));
  router.get("/things/:id", validate([pathId()]), (req, res) => {
    res.json({ id: matchedData(req)["id"], matches: [0, 1, 10].filter(ifMatch(req)) });
  });
  router.all("/things/:id", allowOnly("GET", "HEAD"));
  router.get("/throws", () => {
    throw new Error("the password is hunter2");
  });
  router.get("/throws-a-status", () => {
    throw Object.assign(new Error("the password is hunter2"), { status: 503 });
  });
  router.get("/validation-error", () => {
    throw new mongoose.Error.ValidationError();
  });
  router.get("/cast-error", () => {
    throw new mongoose.Error.CastError("ObjectId", "hunter2", "_id");
  });
  router.get("/rejects", async () => {
    throw "the password is hunter2";
  });
  return router;
}

const thingBody = jsonSchemaBody<{ name: string; size?: number }>({
  type: "object",
  required: ["name"],
  additionalProperties: false,
  properties: {
    name: { type: "string", "x-message": "must be a string" },
    size: { type: "integer", minimum: 0, maximum: 9 },
  },
});
