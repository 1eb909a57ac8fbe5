import { Router } from "express";
import { methodNotAllowed } from "./errors.js";
import { Problem } from "./problem.js";

/** Something that a service needs, as `/ready` shows it. */
export interface Dependency {
  readonly name: string;
  isUp(): boolean | Promise<boolean>;
  /** False where the service can work without it once it has been there. */
  readonly needed: boolean;
  /** Figures for the operator, shown at `/ready`. */
  details?(): Readonly<Record<string, unknown>>;
}

/**
 * `/health`: 200 while the process lives. `/ready`: 503 until every dependency has been up once, and from then on
 * while one that is needed is away; the body says how each is.
 */
export function healthRoutes(dependencies: readonly Dependency[]): Router {
  const router = Router();
  const seen = new Set<string>();
  router
    .route("/health")
    .get((_req, res) => {
      res.json({ status: "ok" });
    })
    .all(methodNotAllowed("GET", "HEAD"));
  router
    .route("/ready")
    .get(async (_req, res) => {
      const reports = await Promise.all(dependencies.map(report));
      for (const { name, up } of reports) if (up) seen.add(name);
      const missing = reports.filter(({ name, up, needed }) => !up && (needed || !seen.has(name)));
      const checks = Object.fromEntries(
        reports.map(({ name, up, ...rest }) => [name, { status: up ? "up" : "down", ...rest.details }]),
      );
      if (missing.length > 0)
        throw new Problem(503, `Waiting for ${missing.map(({ name }) => name).join(" and ")}.`, {
          headers: { "Retry-After": "1" },
          members: { checks },
        });
      res.json({ status: "ready", checks });
    })
    .all(methodNotAllowed("GET", "HEAD"));
  return router;
}

async function report({ name, needed, ...dependency }: Dependency) {
  const up = await dependency.isUp();
  return { name, needed, up, details: up ? dependency.details?.() : undefined };
}
