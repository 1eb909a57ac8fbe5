import { type RequestHandler, Router } from "express";
import type { Database } from "../mongo/database.js";
import type { RabbitConnectionManager } from "../rabbitmq/connection_manager.js";
import { readOnly } from "./errors/errors.js";
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

/** `/health`, and `/ready`: 503 until each dependency has been up once, then while a critical one is away. */
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
    .get((_req, res) => void res.json({ status: "ok" }))
    .all(readOnly);

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
  const ready: RequestHandler = async (req, res) => {
    const reports = await Promise.all(dependencies.map(report));
    for (const { name, up } of reports) if (up) seen.add(name);
    const missing = reports.filter(({ name, up, critical }) => !up && (critical || !seen.has(name)));
    const checks = Object.fromEntries(
      reports.map(({ name, up, details }) => [name, { status: up ? "up" : "down", ...details }]),
    );
    if (req.app.locals["stopping"]) throw notReady("The service is stopping.", checks);
    if (missing.length > 0) throw notReady(`Waiting for ${missing.map(({ name }) => name).join(" and ")}.`, checks);
    res.json({ status: "ready", checks });
  };
  router.route("/ready").get(ready).all(readOnly);
  return router;
}

export const notReady = (detail: string, checks: Readonly<Record<string, object>>) =>
  new Problem(503, detail, { headers: { "Retry-After": "1" }, members: { checks } });

async function report({ name, critical, ...dependency }: Dependency) {
  const up = await dependency.isUp();
  const reason = up ? undefined : dependency.reason?.();
  return { name, critical, up, details: up ? dependency.details?.() : reason && { reason } };
}
