import { type RequestHandler, Router } from "express";
import type { Database } from "../mongo/database.js";
import type { RabbitConnectionManager } from "../rabbitmq/connection_manager.js";
import { allowOnly } from "./errors/errors.js";
import { Problem } from "./errors/problem.js";

export interface Dependency {
  readonly name: string;
  isUp(): boolean | Promise<boolean>;
  /** Whether the service is not ready while this is away; true if left out. */
  isCritical?(): boolean;
  reason?(): string | undefined;
  details?(): Readonly<Record<string, unknown>>;
}

export const databaseDependency = (database: Database): Dependency => ({
  name: "mongodb",
  isUp: () => database.probe(),
  reason: () => database.reason,
});

/** Until its first connection even an uncritical broker keeps the service unready: a wrong URL shows at deployment. */
export const rabbitDependency = (rabbit: RabbitConnectionManager, { critical }: { critical: boolean }): Dependency => ({
  name: "rabbitmq",
  isCritical: () => critical || !rabbit.wasConnected,
  isUp: () => rabbit.connection !== undefined,
  reason: () => rabbit.reason,
  details: () => ({ host: rabbit.host }),
});

/** `/health`, and `/ready`: 503 while a critical dependency is away. */
export function healthRoutes(dependencies: readonly Dependency[]): Router {
  const router = Router();

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
  const health: RequestHandler = (_req, res) => void res.json({ status: "ok" });
  router.route("/health").get(health).all(allowOnly("GET", "HEAD"));

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
    const missing = reports.filter(({ isMissing }) => isMissing).map(({ name }) => name);
    const checks = Object.fromEntries(reports.map(({ name, check }) => [name, check]));
    if (req.app.locals["stopping"]) throw notReady("The service is stopping.", checks);
    if (missing.length > 0) throw notReady(`Waiting for ${missing.join(" and ")}.`, checks);
    res.json({ status: "ready", checks });
  };
  router.route("/ready").get(ready).all(allowOnly("GET", "HEAD"));
  return router;
}

export const notReady = (detail: string, checks: Readonly<Record<string, object>>) =>
  new Problem(503, detail, { headers: { "Retry-After": "1" }, members: { checks } });

async function report(dependency: Dependency) {
  const up = await dependency.isUp();
  const details = up ? dependency.details?.() : { reason: dependency.reason?.() };
  const check = { status: up ? "up" : "down", ...details };
  return { name: dependency.name, isMissing: !up && (dependency.isCritical?.() ?? true), check };
}
