import { type RequestHandler, Router } from "express";
import { allowOnly } from "../errors/errors.js";
import { documentationPolicy } from "../middleware/security.js";
import type { OpenApiDocument } from "./responses.js";

const readOnly = allowOnly("GET", "HEAD");
const paths = /^\/($|(openapi\.json|docs)(\/|$))/i;

export type MakeDocument = () => Promise<Pick<OpenApiDocument, "info">>;

/** `/openapi.json`, and Swagger UI for it at `/docs`. */
export function docsRoutes(makeDocument: MakeDocument): RequestHandler {
  let made: Promise<Router> | undefined;
  return async (req, res, next) => {
    if (!paths.test(req.path)) return next();
    // At the first request, since that takes as long, and as much memory, as a quarter of the service.
    made ??= makeRoutes(makeDocument).catch((error: unknown) => {
      // A failure that was kept would last until a restart.
      made = undefined;
      throw error;
    });
    (await made)(req, res, next);
  };
}

async function makeRoutes(makeDocument: MakeDocument): Promise<Router> {
  const [document, { default: swaggerUi }] = await Promise.all([makeDocument(), import("swagger-ui-express")]);
  const router = Router();
  const root: RequestHandler = (_req, res) => res.redirect("docs/");
  router.route("/").get(root).all(readOnly);
  const openApi: RequestHandler = (_req, res) => void res.json(document);
  router.route("/openapi.json").get(openApi).all(readOnly);
  const options = {
    swaggerUrl: "../openapi.json",
    customSiteTitle: document.info.title,
    swaggerOptions: { tryItOutEnabled: true, displayRequestDuration: true },
  };
  // Relative, so that it stays under the prefix that a proxy strips.
  router.get("/docs", (req, res, next) => (req.path.endsWith("/") ? next() : res.redirect(301, "docs/")));
  // `serve` would keep its settings in the module, shared by all apps of a process.
  router.use("/docs", onlyItsFiles, documentationPolicy());
  router.use("/docs", swaggerUi.serveFiles(undefined, options), swaggerUi.setup(undefined, options));
  return router;
}

/** The files that the page loads; Swagger UI would answer any other path with that page again. */
const files = /^\/(index\.html|swagger-ui(-bundle|-standalone-preset|-init)?\.(css|js)|favicon-(16x16|32x32)\.png)?$/;

const onlyItsFiles: RequestHandler = (req, res, next) => {
  if (!files.test(req.path)) return next("router");
  return req.method === "GET" || req.method === "HEAD" ? next() : readOnly(req, res, next);
};
