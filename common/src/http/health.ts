import { Router } from "express";
import type { Database } from "../mongo/database.js";
import type { RabbitConnectionManager } from "../rabbitmq/connection_manager.js";
import { methodNotAllowed } from "./errors/errors.js";
import { Problem } from "./errors/problem.js";

export interface Dependency {
  readonly name: string;
  isUp(): boolean | Promise<boolean>;
  /** False: needed only until it has been up once. */
  readonly critical: boolean;
  reason?(): string | undefined;
  details?(): Readonly<Record<string, unknown>>;
}

export const databaseDependency = (database: Database): Dependency => ({
  name: "mongodb",
  critical: true,
  isUp: () => database.isUp(),
  reason: () => database.reason,
});

export const rabbitDependency = (rabbit: RabbitConnectionManager, { critical }: { critical: boolean }): Dependency => ({
  name: "rabbitmq",
  critical,
  isUp: () => rabbit.connection !== undefined,
  reason: () => rabbit.reason,
  details: () => ({ host: rabbit.host }),
});

const checks = {
  type: "object",
  description: "How each thing is that the service needs, with figures for the operator",
  additionalProperties: {
    type: "object",
    required: ["status"],
    properties: { status: { type: "string", enum: ["up", "down"] }, reason: { type: "string" } },
  },
  examples: [{ mongodb: { status: "up" } }],
};

export const healthSchemas = {
  Health: {
    type: "object",
    required: ["status"],
    additionalProperties: false,
    properties: { status: { type: "string", const: "ok" } },
  },
  Ready: {
    type: "object",
    required: ["status", "checks"],
    additionalProperties: false,
    properties: { status: { type: "string", const: "ready" }, checks: { $ref: "#/components/schemas/Checks" } },
  },
  Checks: checks,
} as const;

/**
 * `/health`: 200 while the process lives. `/ready`: 503 until every dependency has been up once, and from then on
 * while a critical one is away or the service is stopping; the body says how each is.
 */
export function healthRoutes(dependencies: readonly Dependency[]): Router {
  const router = Router();
  const seen = new Set<string>();

  /**
   * @openapi
   * /health:
   *   get:
   *     summary: Is the process alive?
   *     operationId: health
   *     tags: [operation]
   *     security: []
   *     responses:
   *       200: { $ref: '#/components/responses/Health' }
   */
  router
    .route("/health")
    .get((_req, res) => {
      res.json({ status: "ok" });
    })
    .all(methodNotAllowed("GET", "HEAD"));

  /**
   * @openapi
   * /ready:
   *   get:
   *     summary: Is the service ready?
   *     operationId: ready
   *     tags: [operation]
   *     security: []
   *     responses:
   *       200: { $ref: '#/components/responses/Ready' }
   *       503: { $ref: '#/components/responses/NotReady' }
   */
  router
    .route("/ready")
    .get(async (req, res) => {
      const reports = await Promise.all(dependencies.map(report));
      for (const { name, up } of reports) if (up) seen.add(name);
      const missing = reports.filter(({ name, up, critical }) => !up && (critical || !seen.has(name)));
      const checks = Object.fromEntries(
        reports.map(({ name, up, ...rest }) => [name, { status: up ? "up" : "down", ...rest.details }]),
      );
      if (req.app.locals["stopping"]) throw notReady("The service is stopping.", checks);
      if (missing.length > 0) throw notReady(`Waiting for ${missing.map(({ name }) => name).join(" and ")}.`, checks);
      res.json({ status: "ready", checks });
    })
    .all(methodNotAllowed("GET", "HEAD"));
  return router;
}

export const notReady = (detail: string, checks: Readonly<Record<string, object>>) =>
  new Problem(503, detail, { headers: { "Retry-After": "1" }, members: { checks } });

async function report({ name, critical, ...dependency }: Dependency) {
  const up = await dependency.isUp();
  const reason = up ? undefined : dependency.reason?.();
  return { name, critical, up, details: up ? dependency.details?.() : reason && { reason } };
}
